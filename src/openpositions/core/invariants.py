"""What must always hold (accounting, "What must always hold"), as functions that name what does not."""

from collections.abc import Iterable

from openpositions.core.money import DOLLAR_BP, INT64_MAX
from openpositions.core.position import Position

# A settlement adds at most the worth of the position to a sum, and must never be refused for its size: a quarter of
# the 64-bit range for each number before it leaves room for every one after it.
_SUM_LIMIT = INT64_MAX // 4
_POSITION_LIMIT = _SUM_LIMIT // DOLLAR_BP


def beyond_limit(row: Position) -> str | None:
    """The name of a field too large to be kept in 64 bits with what a settlement may add; None when all fit."""
    # Compared one by one, because every fill comes by here: slices and max() cost three times as much. Volumes are
    # below what was traded, the price being at least 1/10,000; the cost is below the worth of the position.
    (_, _, _, position, _, realized_pnl, fees_paid, fee_cost, _, yes_traded, _, no_traded, received, _, _, _) = row
    if not -_POSITION_LIMIT <= position <= _POSITION_LIMIT:
        return "position"
    if not -_SUM_LIMIT <= realized_pnl <= _SUM_LIMIT:
        return "realized_pnl"
    if not -_SUM_LIMIT <= fees_paid <= _SUM_LIMIT:
        return "fees_paid"
    if not -_SUM_LIMIT <= fee_cost <= _SUM_LIMIT:
        return "fee_cost"
    if yes_traded > _SUM_LIMIT or no_traded > _SUM_LIMIT:
        return "yes_traded" if yes_traded > _SUM_LIMIT else "no_traded"
    return "received" if received > _SUM_LIMIT else None


def cost_violation(row: Position) -> str | None:
    """Invariant 1: what is wrong with the cost of a row; None when it holds."""
    if row.cost < 0:
        return f"cost would be negative ({row.cost} micros)"
    if (row.cost == 0) != (row.position == 0):
        return f"cost would be {row.cost} micros for a position of {row.position}/100 contracts"
    if row.cost > abs(row.position) * DOLLAR_BP:
        return f"cost would be {row.cost} micros, more than 1 dollar a contract for {row.position}/100 contracts"
    if row.position == 0 and row.fee_cost != 0:
        return f"fee cost would be {row.fee_cost} micros on a flat row"
    return None


def money_violation(row: Position, adjusted_cost: int = 0, adjusted_realized_pnl: int = 0) -> str | None:
    """Invariants 2 and 3, one equation of the row's own sums, less what adjustments stated; None when it holds.

    What a row paid is its total traded: `realized - cost = received - paid` says `traded = cost + received - realized`.
    """
    expected = (row.cost - adjusted_cost) + row.received - (row.realized_pnl - adjusted_realized_pnl)
    if row.total_traded != expected:
        return f"total traded is {row.total_traded} micros, cost + received - realized is {expected}"
    return None


def market_violation(rows: Iterable[Position], *, settled_at_value: bool) -> str | None:
    """Invariant 5, for a market where both sides of every trade were fed in; None when it holds."""
    rows = list(rows)
    held = sum(row.position for row in rows)
    if held != 0:
        return f"positions add up to {held}/100 contracts"
    realized = sum(row.realized_pnl for row in rows)
    if settled_at_value and realized != 0:
        return f"realized P&L adds up to {realized} micros"
    return None
