"""What became of a row whose market was settled while nobody listened, as far as REST tells. Pure.

A settlement states what was acquired on each side and what was paid for it. Every YES that met a NO was closed with it
for 1 dollar, so realized P&L - cost = pairs - what was paid (accounting, "What must always hold", 2), and what the rest
was paid follows where that is 1 dollar or nothing. It does not follow where a market is settled in between, or void:
the venue's form rounds both to cents. Adjustments are not in it at all. What cannot be told exactly is None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from openpositions.client.exact import ZERO, known_total, less, size, times, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.client.records import Fill, Settlement
    from openpositions.client.rows import PositionRow

_CENT = Decimal("0.01")

# Frames of 2025 round money to 1/10,000 dollar: a difference of two amounts is off by so much at most.
_ROUNDING = Decimal("0.0001")


def realized_by(settlement: Settlement) -> Decimal | None:
    """The realized P&L of a settled market, by its settlement alone; None where that does not tell it exactly."""
    if not (settlement.yes_count or settlement.no_count):
        return None  # settled without ever having traded: it came by adjustments
    held = _held(settlement)
    if settlement.result == "void" and size(held) == total(settlement.yes_count, settlement.no_count):
        return ZERO  # of one side only, so nothing was closed before its cost came back
    return _paid_out(settlement, pairs=ZERO)


def needs_fills(row: PositionRow, settlement: Settlement) -> bool:
    """Whether the fills of the market have to tell how the row of before and the settlement fit together."""
    fits = _is_unchanged(row, settlement) or _fits(row, settlement) or _is_settled(row, realized_by(settlement))
    return row.realized_pnl is not None and not fits


def closed_row(row: PositionRow, settlement: Settlement | None, fills: Iterable[Fill] = ()) -> PositionRow:
    """A row of before, after the settlement of its market; `fills` are all of the market, newest first, if needed."""
    flat = msgspec.structs.replace(
        row,
        position=ZERO,
        cost=ZERO,
        fee_cost=ZERO,
        realized_pnl=None,
        fees_paid=None,
        cause=None,
        time=None,
        sequence=None,
        conflated=0,
    )
    if settlement is None:
        known = ZERO if _is_empty(row) else None
        return msgspec.structs.replace(flat, realized_pnl=known, fees_paid=known)
    return msgspec.structs.replace(
        flat,
        realized_pnl=_realized(row, settlement, fills),
        fees_paid=settlement.fee,
        volume=total(settlement.yes_count, settlement.no_count),
        time=settlement.time,
    )


def _is_empty(row: PositionRow) -> bool:
    """Nothing is left of any trade, as after the bust of an only fill: no settlement is ever listed of that."""
    return all(amount == 0 for amount in (row.position, row.cost, row.realized_pnl, row.fees_paid, row.volume or 0))


def _realized(row: PositionRow, settlement: Settlement, fills: Iterable[Fill]) -> Decimal | None:
    if _fits(row, settlement):
        return row.realized_pnl if settlement.result == "void" else realized_by(settlement)
    if _is_unchanged(row, settlement):
        return _after(row, settlement.result)
    if _is_settled(row, realized_by(settlement)):
        return row.realized_pnl
    if _explain(fills, row, settlement):
        return _paid_out(settlement, pairs=min(settlement.yes_count, settlement.no_count))
    return None


def _after(row: PositionRow, result: str) -> Decimal | None:
    """The realized P&L of a row that nothing but the settlement changed."""
    payout = row.cost if result == "void" else _payout(result, row.position)
    if row.realized_pnl is None or payout is None:
        return None
    return total(row.realized_pnl, less(payout, row.cost))


# ------------------------------------------------------------ how row and settlement fit together


def _is_unchanged(row: PositionRow, settlement: Settlement) -> bool:
    """Nothing was acquired since: there are as many contracts as before. Adjustments do not show, and do no harm.

    An open row of a frame of 2025, which has no fee cost, may hold a part of a contract more than it says.
    """
    is_exact = row.fee_cost is not None or not row.is_open
    return is_exact and row.volume == total(settlement.yes_count, settlement.no_count)


def _fits(row: PositionRow, settlement: Settlement) -> bool:
    """The row is that of all the contracts of the settlement, before it."""
    return _is_state(row, _held(settlement), _gained(settlement))


def _is_settled(row: PositionRow, realized_pnl: Decimal | None) -> bool:
    """The row is that of after the settlement already: its frame came, and then the connection went."""
    if row.is_open or row.realized_pnl is None or realized_pnl is None:
        return False
    return size(less(row.realized_pnl, realized_pnl)) <= _ROUNDING


def _explain(fills: Iterable[Fill], row: PositionRow, settlement: Settlement) -> bool:
    """The fills make the row, and then, with more of them, what was settled. So nothing else changed it.

    Fills may have come after the settlement too: then the row was settled already.
    """
    yes = no = paid = ZERO
    was_row = _is_state(row, ZERO, ZERO)
    for fill in reversed(list(fills)):
        if fill.side == "yes":
            yes = total(yes, fill.count)
        else:
            no = total(no, fill.count)
        paid = total(paid, times(fill.count, fill.price))
        held, gained = less(yes, no), less(min(yes, no), paid)
        settled = known_total(gained, _payout(settlement.result, held))
        was_row = was_row or _is_state(row, held, gained) or _is_settled(row, settled)
    costs = total(settlement.yes_cost, settlement.no_cost)
    return was_row and (yes, no, paid) == (settlement.yes_count, settlement.no_count, costs)


def _is_state(row: PositionRow, held: Decimal, gained: Decimal) -> bool:
    """Whether a row holds so much and has realized, less its cost, so much; as exactly as its frame told."""
    if row.realized_pnl is None or int(row.position) != int(held):
        return False
    return size(less(less(row.realized_pnl, row.cost), gained)) <= _ROUNDING


# ------------------------------------------------------------ what a settlement states


def _held(settlement: Settlement) -> Decimal:
    return less(settlement.yes_count, settlement.no_count)


def _gained(settlement: Settlement) -> Decimal:
    """Realized P&L less cost, just before the settlement."""
    return less(min(settlement.yes_count, settlement.no_count), total(settlement.yes_cost, settlement.no_cost))


def _paid_out(settlement: Settlement, *, pairs: Decimal) -> Decimal | None:
    """The realized P&L, if the revenue bears it out. What was acquired after the settlement was settled by itself.

    So, revenue may hold as many dollars more as there are `pairs`, which were paid but not closed with each other.
    """
    payout = _payout(settlement.result, _held(settlement))
    if payout is None or not less(payout, _CENT) < settlement.revenue < total(payout, pairs, _CENT):
        return None
    return total(_gained(settlement), payout)


def _payout(result: str, position: Decimal) -> Decimal | None:
    if not position:
        return ZERO
    if result not in {"yes", "no"}:
        return None
    return size(position) if (position > 0) is (result == "yes") else ZERO
