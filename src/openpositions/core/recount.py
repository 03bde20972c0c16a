"""A row computed again from its entries, for busts and for history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.core.events import Adjustment, Entry, Fill
from openpositions.core.invariants import cost_violation
from openpositions.core.position import Position, RowKey, after_adjustment, after_fill, after_settlement, empty_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.core.market import Market


class Recount:
    """A row being counted again from its standing fills and its adjustments, taken in order.

    The market's settlement, if it has one, closes the row at its own sequence; fills that came later are settled as
    they arrive. Busted fills must be left out.
    """

    def __init__(self, key: RowKey, market: Market) -> None:
        self._market = market
        self._open_until = market.settled_sequence
        self._row = empty_row(key)
        self.hidden_violation: str | None = None
        """What was wrong with the cost when the market settled: closing the position hides it."""

    def take(self, entry: Entry) -> None:
        """Takes in the next entry of the row."""
        sequence, event = entry
        if self._open_until is not None and sequence > self._open_until:
            self._row = self._after_settlement()
            self._open_until = None
        if isinstance(event, Fill):
            fee = event.fee_micros or 0
            self._row = after_fill(
                self._row, event.acquires_yes, event.yes_price_bp, event.count_centi, fee, sequence, event.ts_ms
            )
            if self._market.settled and self._open_until is None:
                self._row = after_settlement(self._row, self._market.value_bp, sequence, event.ts_ms)
        elif isinstance(event, Adjustment):
            self._row = after_adjustment(self._row, event, sequence)

    def take_all(self, entries: Iterable[Entry]) -> None:
        """Takes in the next entries of the row."""
        for entry in entries:
            self.take(entry)

    def row(self) -> Position:
        """The row after what was taken in, and after the settlement."""
        return self._row if self._open_until is None else self._after_settlement()

    def _after_settlement(self) -> Position:
        market = self._market
        self.hidden_violation = cost_violation(self._row)
        if self._row.position == 0:
            return self._row
        return after_settlement(self._row, market.value_bp, market.settled_sequence or 0, market.settled_ts_ms or 0)


def recount(key: RowKey, entries: Iterable[Entry], market: Market) -> Position:
    """The row that the standing fills and the adjustments of `entries`, all of this row and in order, make."""
    count = Recount(key, market)
    count.take_all(entries)
    return count.row()
