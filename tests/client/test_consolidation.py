"""Rows and totals put together: what is shown is of one sequence, and adds up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest

from openpositions.client.consolidation import Consolidation
from openpositions.client.exact import total
from openpositions.client.follower import Follower
from openpositions.client.news import Interrupted, News
from openpositions.client.portfolio_message import PortfolioMessage
from openpositions.core.money import format_dollars
from tests.client.amounts import decimals
from tests.client.pair import Pair
from tests.events import bought_no, bought_yes, marked, settled
from tests.totals import totals as sums_of


class Folio:
    """A consolidation that follows a book."""

    def __init__(self, *, knows_totals: bool = True) -> None:
        self.pair = Pair(Follower(totals=True), knows_totals=knows_totals)
        self.shows = Consolidation(self.pair.follower)
        self.shown = 0
        """How many times something else was shown."""
        self.pair.on_news = self._take

    def _take(self, news: Sequence[News]) -> None:
        if self.shows.take(news):
            self.shown += 1
            self.check()

    def take_again(self, message: PortfolioMessage, *, times: int) -> None:
        """The same totals, so many times."""
        for _ in range(times):
            self.shows.take([message])

    def check(self) -> None:
        """What is shown adds up, and no row in it is newer than its totals."""
        totals = self.shows.totals
        assert totals is not None
        holdings = self.shows.positions.values()
        assert total(*(one.cost for one in holdings)) == totals.exposure
        assert sum(any(row.position for row in one.rows) for one in holdings) == totals.open_markets
        assert max((one.sequence or 0 for one in holdings), default=0) <= (totals.sequence or 0)
        known = [one.unrealized_pnl for one in holdings if one.unrealized_pnl is not None]
        if totals.unrealized_pnl is not None:
            assert total(*known) == totals.unrealized_pnl

    @property
    def positions(self) -> dict[str, float]:
        """The position that is shown of each market."""
        return {ticker: float(one.position) for ticker, one in self.shows.positions.items()}


def test_nothing_is_shown_before_all_of_it_is_there() -> None:
    """Rows alone, or totals alone, are half a portfolio."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    folio.pair.connect()
    folio.pair.deliver(4)  # two answers, the totals and one row
    assert folio.shows.totals is None
    folio.pair.deliver()
    assert folio.positions == {"RAIN": 10, "SNOW": 10}


def test_a_row_waits_for_its_totals() -> None:
    """Until they come, what was shown before stays."""
    folio = Folio()
    folio.pair.settle_down()
    folio.pair.feed(bought_yes("t1"))
    folio.pair.deliver(1)
    assert folio.positions == {}
    folio.pair.deliver()
    assert folio.positions == {"RAIN": 10}


def test_a_mark_alone_changes_what_is_shown() -> None:
    """The value of the holding and of everything."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"))
    folio.pair.settle_down()
    folio.pair.feed(marked(6000))
    folio.pair.deliver()
    holding = folio.shows.positions["RAIN"]
    assert (holding.mark, holding.market_value, holding.unrealized_pnl) == decimals("0.6", "6", "2")
    assert folio.shows.totals is not None
    assert folio.shows.totals.unrealized_pnl == 2


def test_a_mark_that_is_gone_after_a_reconnect_is_unknown_again() -> None:
    """The first totals of a connection name every market that is held."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"), marked(6000))
    folio.pair.settle_down()
    folio.pair.book.feed(marked(None, ts_ms=1))
    folio.shows.lost()
    folio.pair.settle_down()
    assert folio.shows.positions["RAIN"].unrealized_pnl is None


def test_what_is_lost_is_stale_until_it_is_shown_anew() -> None:
    """Once: whoever was told need not be told again."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    assert not folio.shows.lost()
    folio.pair.settle_down()
    assert folio.shows.lost()
    assert not folio.shows.lost()
    assert folio.shows.totals is not None
    assert folio.shows.totals.stale
    assert [one.stale for one in folio.shows.positions.values()] == [True, True]
    folio.pair.connect()
    folio.pair.deliver(3)  # two answers and the totals; rows may have changed
    assert folio.shows.totals.stale
    folio.pair.deliver()
    assert not folio.shows.totals.stale
    assert [one.stale for one in folio.shows.positions.values()] == [False, False]


def test_a_gap_among_the_first_rows_is_healed() -> None:
    """The totals that came before it are still good."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    folio.pair.connect()
    folio.pair.deliver(lost={3})
    assert folio.positions == {"RAIN": 10, "SNOW": 10}


def test_a_slow_reader_is_shown_nothing_that_does_not_add_up() -> None:
    """While it read nothing, rows went beyond the totals that wait for it."""
    folio = Folio()
    folio.pair.settle_down()
    folio.pair.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"))
    folio.pair.outbox.blocked = True
    next(folio.pair.outbox.frames(), None)  # the service makes the totals now
    folio.pair.feed(bought_yes("t3"))
    folio.pair.outbox.blocked = False
    shown = folio.shown
    folio.pair.deliver()
    folio.pair.deliver()
    assert folio.shown > shown
    assert folio.positions == {"RAIN": 20, "SNOW": 10}


def test_totals_that_never_add_up_end_the_connection() -> None:
    """And every row is told anew: a bug does no harm for long."""
    folio = Folio()
    folio.pair.book.feed(bought_yes("t1"))
    folio.pair.settle_down()
    (message,) = [one for one in folio.pair.news if isinstance(one, PortfolioMessage)]
    message.exposure_dollars = Decimal(99)
    with pytest.raises(Interrupted, match="add up"):
        folio.take_again(message, times=1_000)
    folio.pair.settle_down()
    assert folio.pair.commands[-1]["params"]["resume"] == {"epoch": "e1", "sequence": 0}
    assert folio.positions == {"RAIN": 10}


def test_without_the_channel_sums_are_those_of_every_row() -> None:
    """Flat ones too; what the open ones are worth is unknown."""
    folio = Folio(knows_totals=False)
    folio.pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW", fee=10_000), settled("yes", ticker="SNOW"))
    folio.pair.settle_down()
    totals = folio.shows.totals
    assert totals is not None
    assert (totals.realized_pnl, totals.fees_paid, totals.exposure) == decimals("6", "0.01", "4")
    assert (totals.unrealized_pnl, totals.unmarked_markets, totals.continuity) == (None, ("RAIN",), "exact")


@pytest.mark.parametrize("seed", range(100))
def test_whatever_happens_what_is_shown_adds_up_and_in_the_end_is_all(seed: int) -> None:
    """Fills, settlements and marks, read late, in parts, or not at all before a cut."""
    random = Random(seed)
    folio = Folio()
    folio.pair.connect()
    for step in range(80):
        ticker = f"M{random.randrange(5)}"
        match random.choices(["fill", "mark", "settle", "read", "part", "block", "cut"], [40, 10, 2, 15, 15, 8, 4])[0]:
            case "fill":
                buy = random.choice([bought_yes, bought_no])
                subaccount = random.randrange(2)
                folio.pair.feed(buy(f"t{step}", random.randrange(1, 999), ticker=ticker, subaccount=subaccount, fee=9))
            case "mark":
                folio.pair.feed(marked(random.choice([None, 3000, 7000]), ticker=ticker, ts_ms=step))
            case "settle":
                folio.pair.feed(settled("no", ticker=ticker))
            case "read":
                folio.pair.outbox.blocked = False
                folio.pair.deliver()
            case "part":
                folio.pair.deliver(random.randrange(4))
            case "block":
                folio.pair.outbox.blocked = True
            case "cut":
                folio.shows.lost()
                folio.pair.connect()
    folio.shows.lost()
    folio.pair.settle_down()
    folio.pair.deliver()
    book = folio.pair.book.book
    sums = sums_of(book.rows_of("alice"), book.market)
    totals = folio.shows.totals
    assert totals is not None
    assert (str(totals.realized_pnl), str(totals.fees_paid), str(totals.exposure), totals.stale) == (
        format_dollars(sums.realized_pnl),
        format_dollars(sums.fees_paid),
        format_dollars(sums.exposure),
        False,
    )
