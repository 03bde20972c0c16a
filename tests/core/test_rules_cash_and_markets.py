"""Deposits, declarations and marks (accounting, "Other events" and "Balance")."""

import pytest

from openpositions.core.book import Batch
from openpositions.core.events import Entry, Mark
from openpositions.core.outcomes import Verdict
from tests.events import bought_no, bought_yes, busted, declared, marked, paid_in, settled
from tests.journaled_book import JournaledBook, book_after


def test_deposits_and_withdrawals_add_up() -> None:
    """250.00 in, 20.00 out."""
    assert book_after(paid_in("c1", 250_000000), paid_in("c2", -20_000000)).cash() == 230_000000


def test_cash_belongs_to_one_subaccount() -> None:
    """Subaccount 1 does not see what subaccount 0 was paid."""
    journaled = book_after(paid_in("c1", 250_000000), paid_in("c2", 5_000000, subaccount=1))

    assert journaled.book.accounts() == {("alice", 0): 250_000000, ("alice", 1): 5_000000}


def test_cash_makes_no_position() -> None:
    """No row comes of it."""
    assert list(book_after(paid_in("c1", 250_000000)).book.rows()) == []


def test_balance_without_any_deposit_goes_negative_by_what_was_paid() -> None:
    """10 YES at 0.40 with a fee of 0.17."""
    assert book_after(bought_yes("t1", 10_00, 4000, fee=170_000)).cash() == -4_170000


def test_balance_gets_a_dollar_for_each_closed_pair() -> None:
    """4.00 and 3.50 paid, 10.00 received."""
    assert book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500)).cash() == 2_500000


@pytest.mark.parametrize(("result", "cash"), [("yes", 105_830000), ("no", 95_830000), ("void", 99_830000)])
def test_balance_gets_the_payout_of_a_settlement(result: str, cash: int) -> None:
    """100.00, less 4.00 for 10 YES, less a fee of 0.17, plus the payout."""
    journaled = book_after(paid_in("c1", 100_000000), bought_yes("t1", 10_00, 4000, fee=170_000), settled(result))

    assert journaled.cash() == cash


def test_balance_after_a_bust_is_as_if_the_trade_had_not_been() -> None:
    """Price and fee come back."""
    journaled = book_after(paid_in("c1", 100_000000), bought_yes("t1", fee=170_000), busted("b1", "t1"))

    assert journaled.cash() == 100_000000


def test_declaration_gives_event_ticker_and_title() -> None:
    """And leaves what else is known of the market."""
    market = book_after(settled("yes"), declared("WEATHER", "Rain tomorrow?")).book.market("RAIN")

    assert (market.event_ticker, market.title, market.result) == ("WEATHER", "Rain tomorrow?", "yes")


def test_repeated_declaration_is_a_duplicate() -> None:
    """A changed one is taken."""
    outcomes = JournaledBook().feed(declared("RAIN"), declared("RAIN"), declared("RAIN", "Rain tomorrow?"))

    assert outcomes == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.ACCEPTED]


def test_mark_is_remembered_with_its_time() -> None:
    """Price and milliseconds."""
    market = book_after(marked(6000, ts_ms=5)).book.market("RAIN")

    assert (market.mark_bp, market.mark_ts_ms) == (6000, 5)


def test_mark_never_touches_a_row() -> None:
    """The row keeps its numbers and its sequence."""
    journaled = book_after(bought_yes("t1"))
    before = journaled.row()

    draft, _ = journaled.commit(Batch([marked(9000, ts_ms=5)]))

    assert (journaled.row(), draft.changes) == (before, [])


@pytest.mark.parametrize("mark", [marked(7000, ts_ms=4), marked(6000, ts_ms=5)], ids=["older", "the same"])
def test_older_or_equal_mark_is_a_duplicate(mark: Mark) -> None:
    """The later one stays."""
    journaled = book_after(marked(6000, ts_ms=5))

    assert journaled.feed(mark) == [Verdict.DUPLICATE]
    assert journaled.book.market("RAIN").mark_bp == 6000


def test_newer_mark_replaces_the_older_one_and_may_say_unknown() -> None:
    """Nobody bids any more: the mark is unknown, not what it was."""
    assert book_after(marked(6000, ts_ms=5), marked(None, ts_ms=6)).book.market("RAIN").mark_bp is None


def test_of_the_marks_of_a_commit_only_the_latest_per_market_is_journaled() -> None:
    """All are accepted; the journal grows by one entry a market, without a gap for the fill after them."""
    journaled = JournaledBook()

    _, outcomes = journaled.commit(
        Batch([marked(5000, ts_ms=1), marked(5100, ts_ms=2), marked(4000, ticker="SNOW")]),
        Batch([marked(5200, ts_ms=3), bought_yes("t1")]),
    )

    assert outcomes == [[Verdict.ACCEPTED] * 3, [Verdict.ACCEPTED] * 2]
    assert journaled.entries == [
        Entry(1, marked(5200, ts_ms=3)),
        Entry(2, marked(4000, ticker="SNOW")),
        Entry(3, bought_yes("t1")),
    ]


def test_replay_of_marks_of_many_commits_reaches_the_end_of_the_journal() -> None:
    """Each commit journaled its latest mark; the replayed book goes on at the same sequence."""
    journaled = book_after(marked(5000, ts_ms=1), marked(5100, ts_ms=2), marked(5200, ts_ms=3))

    book = journaled.replayed()

    assert (book.sequence, book.market("RAIN").mark_bp) == (3, 5200)
