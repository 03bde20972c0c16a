"""A portfolio that follows rows and marks, and what of it changed (accounting, "Other events"; protocol, 5.6)."""

import pytest

from openpositions.core.book import Batch
from openpositions.core.events import Event
from openpositions.core.live_portfolio import LivePortfolio
from openpositions.core.market import Market
from openpositions.core.valued import ValuedMarket
from tests.events import adjusted, bought_no, bought_yes, busted, declared, marked, settled
from tests.journaled_book import book_after


class Followed:
    """Alice's portfolio on a book that takes events, one commit each; brought up to date when it is looked at."""

    def __init__(self, *events: Event, subaccount: int | None = None) -> None:
        self.journaled = book_after(*events)
        self.portfolio = LivePortfolio(self.journaled.book, "alice", subaccount)
        self.portfolio.refresh(1_000)

    def feed(self, *events: Event) -> None:
        """Takes events and tells the portfolio which markets are others now."""
        for event in events:
            draft, _ = self.journaled.commit(Batch([event]))
            for _, market, _ in draft.market_changes:
                self.portfolio.touch(market)

    def worth(self) -> tuple[int | None, int | None, int, int, int]:
        """Value, unrealized and realized P&L, fees and exposure, in dollars and cents as in 12_34."""
        self.portfolio.refresh(1_000)
        sums = self.portfolio.sums
        value, unrealized = sums.market_value, sums.unrealized_pnl
        return (
            None if value is None else value // 10_000,
            None if unrealized is None else unrealized // 10_000,
            sums.realized_pnl // 10_000,
            sums.fees_paid // 10_000,
            sums.exposure // 10_000,
        )

    def changed_since(self, sequence: int | None) -> tuple[list[str], list[str]]:
        """The markets and the events that changed, newest first."""
        self.portfolio.refresh(1_000)
        return (
            [ticker for ticker, _ in self.portfolio.markets_changed_since(sequence)],
            [ticker for ticker, _ in self.portfolio.events_changed_since(sequence)],
        )


# ---------------------------------------------------------------- what it is worth


def test_marked_position_is_worth_its_mark() -> None:
    """10 YES bought at 0.40 with a fee of 0.10 are worth 6.00 at 0.60."""
    followed = Followed(bought_yes("t1", 10_00, 4000, fee=100_000), marked(6000))

    assert followed.worth() == (6_00, 2_00, 0, 10, 4_00)


def test_mark_that_moves_moves_the_value_and_nothing_else() -> None:
    """Down as well as up."""
    followed = Followed(bought_yes("t1", 10_00, 4000), marked(6000, ts_ms=1))
    followed.feed(marked(3000, ts_ms=2))

    assert followed.worth() == (3_00, -1_00, 0, 0, 4_00)


def test_without_a_mark_value_is_unknown() -> None:
    """Unknown is never 0, and the market is named."""
    followed = Followed(bought_yes("t1"))

    assert followed.worth() == (None, None, 0, 0, 4_00)
    assert followed.portfolio.unmarked_markets == ["RAIN"]


def test_value_is_of_the_markets_that_have_a_mark() -> None:
    """The others are named, in order."""
    followed = Followed(bought_yes("t1", ticker="SUN"), bought_yes("t2", ticker="FOG"), bought_yes("t3"), marked(5000))

    assert followed.worth() == (5_00, 1_00, 0, 0, 12_00)
    assert followed.portfolio.unmarked_markets == ["FOG", "SUN"]


def test_mark_that_is_withdrawn_leaves_the_value_unknown() -> None:
    """And a new one makes it known again."""
    followed = Followed(bought_yes("t1"), marked(5000, ts_ms=1))
    followed.feed(marked(None, ts_ms=2))
    unknown = followed.worth()
    followed.feed(marked(7000, ts_ms=3))

    assert (unknown[0], followed.worth()[0]) == (None, 7_00)
    assert followed.portfolio.unmarked_markets == []


def test_nothing_open_is_worth_nothing() -> None:
    """That is known. What was realized and paid stays."""
    followed = Followed(bought_yes("t1", 10_00, 4000, fee=100_000))
    followed.feed(settled("yes"))

    assert followed.worth() == (0, 0, 6_00, 10, 0)
    assert followed.portfolio.sums.open_markets == 0
    assert followed.portfolio.unmarked_markets == []


def test_bust_takes_its_fill_out_of_the_sums() -> None:
    """As if it had never been."""
    followed = Followed(bought_yes("t1", 10_00, 4000), bought_yes("t2", 5_00, 8000), marked(5000))
    followed.feed(busted("b1", "t2"))

    assert followed.worth() == (5_00, 1_00, 0, 0, 4_00)


def test_both_sides_held_by_two_subaccounts_are_worth_a_dollar_a_pair() -> None:
    """The net position is 0, and yet something is held."""
    followed = Followed(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 5000, subaccount=7), marked(3000))

    assert followed.worth() == (10_00, 1_00, 0, 0, 9_00)
    assert [market.position for _, market in followed.portfolio.markets_changed_since(None)] == [0]
    assert followed.portfolio.sums.open_markets == 1


def test_subaccount_in_view_is_the_only_one_that_counts() -> None:
    """Other users' rows never do."""
    followed = Followed(
        bought_yes("t1"),
        bought_yes("t2", 20_00, subaccount=7),
        bought_yes("t3", user="bob"),
        marked(5000),
        subaccount=7,
    )

    assert followed.worth() == (10_00, 2_00, 0, 0, 8_00)


# ---------------------------------------------------------------- what changed


def test_in_the_beginning_all_that_is_open_is_news() -> None:
    """Of the events also what realized or paid something: without it they would not make the sums."""
    followed = Followed(
        bought_yes("t1"),
        bought_yes("t2", ticker="SUN"),
        settled("no", ticker="SUN"),
        bought_yes("t3", ticker="FOG"),
        settled("void", ticker="FOG"),
    )

    assert followed.changed_since(None) == (["RAIN"], ["RAIN", "SUN"])


def test_later_only_what_changed_is_news() -> None:
    """A market that closed, too; its event is the ticker without its last part."""
    followed = Followed(bought_yes("t1", ticker="SKY-RAIN"), bought_yes("t2", ticker="SKY-SUN"), bought_yes("t3"))
    seen = followed.portfolio.sequence
    followed.feed(settled("no", ticker="SKY-SUN"))

    assert followed.changed_since(seen) == (["SKY-SUN"], ["SKY"])


def test_mark_of_an_open_market_is_news() -> None:
    """The same price again, or the mark of a market that is flat or not held, is none."""
    followed = Followed(
        bought_yes("t1"), bought_yes("t2", ticker="SUN"), bought_no("t3", ticker="SUN"), marked(5000, ts_ms=1)
    )
    seen = followed.portfolio.sequence
    followed.feed(marked(5000, ts_ms=2), marked(5000, ticker="SUN"), marked(5000, ticker="FOG"))
    nothing = followed.changed_since(seen)
    followed.feed(marked(5100, ts_ms=3))

    assert nothing == ([], [])
    assert followed.changed_since(seen) == (["RAIN"], ["RAIN"])


def test_mark_that_came_and_went_between_two_looks_is_no_news() -> None:
    """It is worth what it was worth."""
    followed = Followed(bought_yes("t1"), marked(5000, ts_ms=1))
    seen = followed.portfolio.changed_sequence
    followed.feed(marked(9000, ts_ms=2), marked(5000, ts_ms=3))

    assert followed.changed_since(seen) == ([], [])
    assert followed.portfolio.changed_sequence == seen


def test_row_that_changes_without_its_position_is_news() -> None:
    """An adjustment of fees."""
    followed = Followed(bought_yes("t1"))
    seen = followed.portfolio.sequence
    followed.feed(adjusted("a1", fees=50_000))

    assert followed.changed_since(seen) == (["RAIN"], ["RAIN"])
    assert followed.worth()[3] == 5


def test_declared_event_takes_the_market_over() -> None:
    """Both events are news: the one it left, and the one it belongs to now, with what it realized before."""
    followed = Followed(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 5000))
    seen = followed.portfolio.sequence
    followed.feed(declared("WEATHER"))

    assert followed.changed_since(seen) == (["RAIN"], ["WEATHER", "RAIN"])
    weather, rain = (sums for _, sums in followed.portfolio.events_changed_since(seen))
    assert (weather.realized_pnl, rain.realized_pnl) == (1_000000, 0)


def test_commit_that_changes_nothing_of_the_user_moves_the_sequence_only() -> None:
    """It is as of now, and was last changed before."""
    followed = Followed(bought_yes("t1"))
    followed.feed(bought_yes("t2", user="bob"))
    followed.portfolio.refresh(1_000)

    assert (followed.portfolio.sequence, followed.portfolio.changed_sequence) == (2, 1)


def test_time_is_of_the_latest_row_or_mark_and_never_goes_back() -> None:
    """A mark of a market that is not held counts for nothing."""
    followed = Followed(bought_yes("t1", ts_ms=10), marked(5000, ts_ms=30), marked(5000, ticker="SUN", ts_ms=99))
    at_first = followed.portfolio.ts_ms
    followed.feed(bought_yes("t2", ts_ms=20, ticker="FOG"))
    followed.portfolio.refresh(1_000)

    assert (at_first, followed.portfolio.ts_ms) == (30, 30)


def test_news_costs_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 300 markets one is marked and one is traded, each many times: two are valued."""
    followed = Followed(*(bought_yes(f"t{number}", 1_00, ticker=f"M{number}") for number in range(300)))
    valued: list[str] = []
    value = ValuedMarket.value

    def watched(market_held: ValuedMarket, market: Market) -> None:
        valued.append(market_held.market_ticker)
        value(market_held, market)

    monkeypatch.setattr(ValuedMarket, "value", watched)
    for number in range(1, 20):
        followed.feed(marked(number, ticker="M7", ts_ms=number), bought_yes(f"u{number}", 1_00, ticker="M8"))
    followed.worth()

    assert sorted(valued) == ["M7", "M8"]


# ---------------------------------------------------------------- in pieces


def test_rows_are_counted_in_pieces() -> None:
    """It is current when all are, those that changed meanwhile too; each market is new once."""
    journaled = book_after(*(bought_yes(f"t{number}", 1_00, ticker=f"M{number}") for number in range(5)))
    portfolio = LivePortfolio(journaled.book, "alice")

    new = [portfolio.refresh(2)]
    journaled.feed(bought_yes("t5", 1_00, ticker="M0"), bought_yes("t6", 1_00, ticker="M4"))
    while not portfolio.is_current:
        new.append(portfolio.refresh(2))

    assert new == [["M0", "M1"], ["M2", "M3"], ["M4"], []]
    assert (portfolio.sums.open_markets, portfolio.sums.exposure) == (5, 7 * 400_000)
    assert portfolio.sequence == journaled.book.sequence


def test_mark_that_moves_while_rows_are_counted_values_them_all() -> None:
    """Those before and those after."""
    journaled = book_after(*(bought_yes(f"t{number}", 1_00, ticker=f"M{number}") for number in range(3)))
    portfolio = LivePortfolio(journaled.book, "alice")

    portfolio.refresh(2)
    draft, _ = journaled.commit(Batch([marked(7000, ticker="M0"), marked(8000, ticker="M2")]))
    noted = [portfolio.touch(market) for _, market, _ in draft.market_changes]
    portfolio.refresh(2)

    assert noted == [True, False]
    assert portfolio.is_current
    assert portfolio.sums.market_value == 1_500000
