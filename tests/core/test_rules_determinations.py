"""An outcome announced before its market settles (interfaces, "Events in"; accounting, "Settlement")."""

import pytest

from openpositions.core.outcomes import Verdict
from tests.events import bought_yes, determined, settled
from tests.journaled_book import book_after, refusal_of


def test_determination_is_remembered_and_closes_nothing() -> None:
    """Positions stay open until the market is settled."""
    journaled = book_after(bought_yes("t1"), determined("yes", ts_ms=5))

    market = journaled.book.market("RAIN")
    assert (market.result, market.value_bp, market.determined_ts_ms, market.settled) == ("yes", 10_000, 5, False)
    assert journaled.row().position == 10_00


def test_settlement_without_a_result_settles_as_determined() -> None:
    """A venue's `settled` frame names no result: the determination before it does."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), determined("scalar", 2500), settled("as determined"))

    assert journaled.row().realized_pnl == -1_500000
    assert journaled.entries[-1].event == settled("scalar", 2500)


def test_settlement_without_a_result_uses_the_last_determination() -> None:
    """A determination may be corrected until the market is settled."""
    row = book_after(
        bought_yes("t1", 10_00, 4000), determined("yes"), determined("void"), settled("as determined")
    ).row()

    assert (row.position, row.realized_pnl) == (0, 0)


def test_settlement_without_a_result_or_a_determination_is_refused() -> None:
    """Nothing is guessed."""
    refusal = refusal_of(book_after(bought_yes("t1")).feed(settled("as determined")))

    assert refusal == ("not_determined", "market RAIN was not determined, so it needs a result")


def test_settlement_may_differ_from_the_determination() -> None:
    """The settlement decides."""
    assert book_after(bought_yes("t1", 10_00, 4000), determined("yes"), settled("no")).row().realized_pnl == -4_000000


@pytest.mark.parametrize(("result", "determined_at"), [("yes", 5), ("no", 9)])
def test_time_of_the_determination_is_kept_where_the_settlement_agrees(result: str, determined_at: int) -> None:
    """Otherwise the outcome was first known when the market settled."""
    market = book_after(determined("yes", ts_ms=5), settled(result, ts_ms=9)).book.market("RAIN")

    assert (market.determined_ts_ms, market.settled_ts_ms) == (determined_at, 9)


def test_repeated_determination_is_a_duplicate() -> None:
    """Before the settlement and after it."""
    journaled = book_after(determined("void"))
    assert journaled.feed(determined("void", ts_ms=9)) == [Verdict.DUPLICATE]

    journaled.feed(settled("void"))
    assert journaled.feed(determined("void")) == [Verdict.DUPLICATE]


def test_determination_against_the_settlement_is_refused() -> None:
    """It names both values."""
    refusal = refusal_of(book_after(settled("yes")).feed(determined("no")))

    assert refusal == ("conflict", "market RAIN is settled at yes (1.0000), this determination says no (0.0000)")
