"""Every stored number fits in a signed 64-bit integer (accounting, "Units").

A settlement cannot be refused for its size, so room for what it may add is kept: a number may reach a quarter of 2^63.
"""

import pytest

from openpositions.core.events import Event
from openpositions.core.outcomes import Verdict
from openpositions.core.position import Position
from tests.events import adjusted, bought_no, bought_yes, busted, paid_in, settled
from tests.journaled_book import book_after, refusal_of

LARGEST_OF_64_BITS = 9_223_372_036_854_775_807
LARGEST_POSITION = 2_305_843_009_213_69
LARGEST_SUM = 2_305_843_009_213_693951
LARGEST_FILL = 1_000_000_000_00


def largest_number(row: Position) -> int:
    """The largest magnitude that is stored of a row or read from it."""
    return max(abs(number) for number in (*row[3:], row.volume, row.total_traded))


def test_largest_fill_is_taken_exactly() -> None:
    """10^9 contracts at 0.9999 cost 999,900,000 dollars."""
    row = book_after(bought_yes("t1", LARGEST_FILL, 9999)).row()

    assert (row.position, row.cost) == (LARGEST_FILL, 999_900_000_000000)


@pytest.mark.parametrize("result", ["yes", "no", "void"])
@pytest.mark.parametrize("side", [1, -1])
def test_largest_position_can_still_be_settled(side: int, result: str) -> None:
    """What it pays, on top of the largest realized P&L of either sign, stays within 64 bits."""
    journaled = book_after(
        adjusted("a1", position=side * LARGEST_POSITION, cost=LARGEST_POSITION * 10_000, realized_pnl=LARGEST_SUM)
    )

    outcomes = journaled.feed(settled(result))

    assert outcomes == [Verdict.ACCEPTED]
    assert journaled.row().position == 0
    assert largest_number(journaled.row()) <= LARGEST_OF_64_BITS


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (bought_yes("t1", 1), "position in RAIN"),
        (adjusted("a2", position=1, cost=1), "position in RAIN"),
        (adjusted("a2", realized_pnl=1), "realized_pnl in RAIN"),
        (adjusted("a2", fees=-1), "fees_paid in RAIN"),
    ],
)
def test_one_unit_past_the_limit_is_refused_and_changes_nothing(event: Event, name: str) -> None:
    """The refusal names the number that is full."""
    journaled = book_after(
        adjusted("a1", position=LARGEST_POSITION, cost=1, realized_pnl=LARGEST_SUM, fees=-LARGEST_SUM)
    )
    before = journaled.row()

    refusal = refusal_of(journaled.feed(event))

    assert refusal == ("limit_exceeded", f"{name} of 'alice' would not fit in 64 bits")
    assert journaled.row() == before


def test_bust_that_would_push_a_position_past_the_limit_is_refused() -> None:
    """Without the fill that closed some of it, what was added since is too much."""
    journaled = book_after(
        adjusted("a1", position=LARGEST_POSITION, cost=LARGEST_POSITION),
        bought_no("t1", 10_00),
        bought_yes("t2", 10_00),
    )

    refusal = refusal_of(journaled.feed(busted("b1", "t1")))

    assert refusal == ("limit_exceeded", "without trade 't1', position in RAIN would not fit in 64 bits")


@pytest.mark.parametrize("sign", [1, -1])
def test_cash_past_the_limit_is_refused(sign: int) -> None:
    """Deposits and withdrawals alike."""
    journaled = book_after(paid_in("c1", sign * LARGEST_OF_64_BITS))

    refusal = refusal_of(journaled.feed(paid_in("c2", sign)))

    assert refusal == ("limit_exceeded", "cash of 'alice' would not fit in 64 bits")


def test_cash_of_an_adjustment_past_the_limit_is_refused() -> None:
    """The account is full: the refusal names cash, and the other amounts are not taken either."""
    journaled = book_after(paid_in("c1", LARGEST_OF_64_BITS))

    refusal = refusal_of(journaled.feed(adjusted("a1", fees=5, cash=1)))

    assert refusal == ("limit_exceeded", "cash in RAIN of 'alice' would not fit in 64 bits")
    assert journaled.row().fees_paid == 0
