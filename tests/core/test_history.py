"""A row as it was, in cases that are easy to get wrong."""

import pytest

from openpositions.core.history import Moment
from tests.events import adjusted, bought_no, bought_yes, busted, settled
from tests.journaled_book import book_after
from tests.past import row_as_of


def test_nothing_was_before_the_first_fill() -> None:
    """Neither by sequence nor by time."""
    journaled = book_after(bought_yes("t1", user="bob"), bought_yes("t2", ts_ms=50))

    assert row_as_of(journaled, Moment(1)) is None
    assert row_as_of(journaled, Moment(2, ts_ms=49)) is None


@pytest.mark.parametrize(
    ("moment", "position", "cost"),
    [
        (Moment(1), 10_00, 4_000000),
        (Moment(2), 15_00, 6_000000),
        (Moment(3), 10_00, 4_000000),
        (Moment(3, ts_ms=10), 10_00, 4_000000),
        (Moment(3, ts_ms=29), 15_00, 6_000000),
        (Moment(3, ts_ms=30), 10_00, 4_000000),
    ],
)
def test_bust_counts_from_when_it_happened(moment: Moment, position: int, cost: int) -> None:
    """Before, the fill that it felled stands."""
    journaled = book_after(bought_yes("t1", ts_ms=10), bought_yes("t2", 5_00, ts_ms=20), busted("b1", "t2", ts_ms=30))

    row = row_as_of(journaled, moment)

    assert row is not None
    assert (row.position, row.cost) == (position, cost)


def test_settlement_counts_from_when_it_happened() -> None:
    """Before, the position is open."""
    journaled = book_after(bought_yes("t1", ts_ms=10), settled("yes", ts_ms=50))

    before, after = row_as_of(journaled, Moment(2, ts_ms=49)), row_as_of(journaled, Moment(2, ts_ms=50))

    assert before is not None
    assert after is not None
    assert (before.position, before.realized_pnl) == (10_00, 0)
    assert (after.position, after.realized_pnl, after.sequence, after.ts_ms) == (0, 6_000000, 2, 50)


def test_late_fill_of_an_earlier_time_is_open_as_of_that_time() -> None:
    """It came after the settlement, but as of its own time the market was not settled."""
    journaled = book_after(settled("yes", ts_ms=50), bought_yes("late", ts_ms=10))

    row = row_as_of(journaled, Moment(2, ts_ms=20))

    assert row is not None
    assert (row.position, row.cost, row.realized_pnl) == (10_00, 4_000000, 0)
    assert not Moment(2, ts_ms=20).is_past(journaled.row(), journaled.book.market("RAIN"))


def test_adjustment_counts_from_when_it_happened() -> None:
    """An opening balance is one."""
    journaled = book_after(
        adjusted("a1", position=5_00, cost=2_000000, ts_ms=10), bought_no("t1", 5_00, 3000, ts_ms=20)
    )

    row = row_as_of(journaled, Moment(2, ts_ms=19))

    assert row is not None
    assert (row.position, row.cost, row.realized_pnl) == (5_00, 2_000000, 0)


def test_time_of_a_settlement_shows_though_the_position_that_it_closed_fell_later() -> None:
    """The row was changed by it, and its time never goes back."""
    journaled = book_after(bought_yes("t1", ts_ms=10), settled("yes", ts_ms=50), busted("b1", "t1", ts_ms=20))

    row = row_as_of(journaled, Moment(3))

    assert row == journaled.row()
    assert (row.ts_ms, row.sequence) == (50, 3)
