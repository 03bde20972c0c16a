"""Each check finds what it is for (accounting, "What must always hold")."""

import pytest

from openpositions.core.invariants import beyond_limit, cost_violation, market_violation, money_violation
from openpositions.core.position import Position
from tests.events import adjusted, bought_no, bought_yes, settled
from tests.journaled_book import book_after

HELD = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), bought_no("t2", 4_00, 3500)).row()
FLAT = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500)).row()


def changed(row: Position, field: str, number: int) -> Position:
    """The row with another number in one field."""
    return Position._make(number if name == field else value for name, value in zip(row._fields, row, strict=True))


@pytest.mark.parametrize("row", [HELD, FLAT], ids=["held", "flat"])
def test_sound_row_passes_every_check(row: Position) -> None:
    """None says that it holds."""
    assert (cost_violation(row), money_violation(row), beyond_limit(row)) == (None, None, None)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (HELD._replace(cost=-1), "cost would be negative (-1 micros)"),
        (HELD._replace(cost=0), "cost would be 0 micros for a position of 600/100 contracts"),
        (FLAT._replace(cost=1), "cost would be 1 micros for a position of 0/100 contracts"),
        (
            HELD._replace(cost=6_000001),
            "cost would be 6000001 micros, more than 1 dollar a contract for 600/100 contracts",
        ),
        (FLAT._replace(fee_cost=-1), "fee cost would be -1 micros on a flat row"),
    ],
)
def test_cost_that_no_position_can_have_is_found(row: Position, problem: str) -> None:
    """Invariant 1, each part of it."""
    assert cost_violation(row) == problem


def test_no_position_may_cost_a_dollar_a_contract_too() -> None:
    """The bound is for both signs."""
    assert cost_violation(HELD._replace(position=-6_00, cost=6_000000)) is None


@pytest.mark.parametrize(
    ("row", "traded", "expected"),
    [
        (HELD._replace(cost=2_400001), 5_400000, 5_400001),
        (HELD._replace(realized_pnl=1_000001), 5_400000, 5_399999),
        (HELD._replace(received=4_000001), 5_400000, 5_400001),
        (HELD._replace(yes_traded=4_000001), 5_400001, 5_400000),
        (HELD._replace(no_traded=1_400001), 5_400001, 5_400000),
    ],
    ids=["cost", "realized", "received", "yes traded", "no traded"],
)
def test_money_from_nowhere_is_found(row: Position, traded: int, expected: int) -> None:
    """Invariants 2 and 3: a micro more in any sum breaks the equation."""
    assert money_violation(row) == f"total traded is {traded} micros, cost + received - realized is {expected}"


def test_money_that_an_adjustment_stated_is_allowed_for() -> None:
    """Cost and realized P&L count with the amounts it stated, and only with those."""
    row = book_after(bought_yes("t1"), adjusted("a1", position=5_00, cost=2_000000, realized_pnl=700)).row()

    assert money_violation(row, 2_000000, 700) is None
    assert money_violation(row) == "total traded is 4000000 micros, cost + received - realized is 5999300"


def test_trades_with_both_sides_balance() -> None:
    """Invariant 5: positions and, once settled, realized P&L add up to 0."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), bought_no("t1", 10_00, 6000, user="bob"))
    assert market_violation(journaled.book.rows(), settled_at_value=False) is None

    journaled.feed(settled("yes"))
    assert market_violation(journaled.book.rows(), settled_at_value=True) is None


def test_missing_side_of_a_trade_is_found() -> None:
    """10 contracts that nobody sold."""
    rows = book_after(bought_yes("t1", 10_00)).book.rows()

    assert market_violation(rows, settled_at_value=False) == "positions add up to 1000/100 contracts"


def test_money_missing_after_the_settlement_is_found() -> None:
    """The two sides were fed with different prices."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), bought_no("t1", 10_00, 5900, user="bob"), settled("yes"))

    assert market_violation(journaled.book.rows(), settled_at_value=True) == "realized P&L adds up to 100000 micros"


@pytest.mark.parametrize("field", ["position", "realized_pnl", "fees_paid", "fee_cost"])
@pytest.mark.parametrize("number", [2**62, -(2**62)])
def test_signed_number_past_its_limit_is_named(field: str, number: int) -> None:
    """In both directions."""
    assert beyond_limit(changed(HELD, field, number)) == field


@pytest.mark.parametrize("field", ["yes_traded", "no_traded", "received"])
def test_sum_past_its_limit_is_named(field: str) -> None:
    """Sums only grow."""
    assert beyond_limit(changed(HELD, field, 2**62)) == field
