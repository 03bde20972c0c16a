"""A row computed again from its entries, for busts and for history."""

from collections.abc import Iterable

from openpositions.core.events import Adjustment, Entry, Fill
from openpositions.core.market import Market
from openpositions.core.position import Position, RowKey, after_adjustment, after_fill, after_settlement, empty_row


def recount(key: RowKey, entries: Iterable[Entry], market: Market) -> Position:
    """The row that the standing fills and the adjustments of `entries`, all of this row and in order, make.

    The market's settlement, if it has one, closes the row at its own sequence; fills that came later are settled as
    they arrive. Busted fills must have been left out.
    """
    row = empty_row(key)
    open_until = market.settled_sequence
    for sequence, event in entries:
        if open_until is not None and sequence > open_until:
            row = _after_settlement_of(row, market)
            open_until = None
        if isinstance(event, Fill):
            fee = event.fee_micros or 0
            row = after_fill(
                row, event.acquires_yes, event.yes_price_bp, event.count_centi, fee, sequence, event.ts_ms
            )
            if market.settled and open_until is None:
                row = after_settlement(row, market.value_bp, sequence, event.ts_ms)
        elif isinstance(event, Adjustment):
            row = after_adjustment(row, event, sequence)
    return row if open_until is None else _after_settlement_of(row, market)


def _after_settlement_of(row: Position, market: Market) -> Position:
    if row.position == 0:
        return row
    return after_settlement(row, market.value_bp, market.settled_sequence or 0, market.settled_ts_ms or 0)
