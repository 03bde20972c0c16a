"""A row computed again from its entries, for busts and for history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.events import Adjustment, Bust, Entry, Event, Fill
from openpositions.core.invariants import beyond_limit, cost_violation
from openpositions.core.outcomes import Refusal
from openpositions.core.position import Position, RowKey, after_adjustment, after_fill, after_settlement, empty_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.core.draft import Draft
    from openpositions.core.market import Market


def row_key_of(event: Event) -> RowKey | None:
    """The row that a fill or an adjustment changes; None for other kinds."""
    if isinstance(event, (Fill, Adjustment)):  # a union of them would be made anew at every call
        return event.user_id, event.subaccount, event.market_ticker
    return None


class Recount:
    """A row being counted again from its standing fills and its adjustments, taken in order.

    The market's settlement, if it has one, closes the row at its own sequence; fills that came later are settled as
    they arrive. Busted fills must be left out.
    """

    def __init__(self, key: RowKey, market: Market) -> None:
        self._market = market
        self._open_until = market.settled_sequence
        self._row = empty_row(key)

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

    def row(self) -> Position:
        """The row after what was taken in, and after the settlement."""
        return self._row if self._open_until is None else self._after_settlement()

    def _after_settlement(self) -> Position:
        market = self._market
        if self._row.position == 0:
            return self._row
        return after_settlement(self._row, market.value_bp, market.settled_sequence or 0, market.settled_ts_ms or 0)


def recount(key: RowKey, entries: Iterable[Entry], market: Market) -> Position:
    """The row that the standing fills and the adjustments of `entries`, all of this row and in order, make."""
    count = Recount(key, market)
    for entry in entries:
        count.take(entry)
    return count.row()


def count_bust(draft: Draft, bust: Bust, sequence: int) -> Bust | Refusal:
    """The bust with the fills it fells and the rows that result, each counted again from its entries."""
    fills = [
        entry
        for entry in (*draft.recall.trades.get(bust.trade_id, ()), *draft.entries)
        if isinstance(entry.event, Fill)
        and entry.event.trade_id == bust.trade_id
        and bust.user_id in {None, entry.event.user_id}
        and bust.subaccount in {None, entry.event.subaccount}
    ]
    standing = [entry for entry in fills if not draft.is_busted(entry.sequence)]
    if not standing:
        reason = "was busted before" if fills else "is not recorded"
        return Refusal("unknown_trade", f"trade_id {bust.trade_id!r} {reason}")
    fallen = tuple(entry.sequence for entry in standing)
    rows = []
    for key in dict.fromkeys(key for entry in standing if (key := row_key_of(entry.event))):
        row = _count_without(draft, key, fallen)._replace(sequence=sequence)
        violation = cost_violation(row)
        if violation:
            return Refusal("breaks_invariant", f"without trade {bust.trade_id!r}, in {row.market_ticker}: {violation}")
        too_large = beyond_limit(row)
        if too_large:
            reason = f"{too_large} in {row.market_ticker} would not fit in 64 bits"
            return Refusal("limit_exceeded", f"without trade {bust.trade_id!r}, {reason}")
        rows.append(row._replace(ts_ms=max(draft.row(key).ts_ms, bust.ts_ms)))
    return msgspec.structs.replace(bust, fills=fallen, rows=tuple(rows))


def _count_without(draft: Draft, key: RowKey, fallen: tuple[int, ...]) -> Position:
    own = (entry for entry in draft.entries if row_key_of(entry.event) == key)
    entries = [
        entry
        for entry in (*draft.recall.histories.get(key, ()), *own)
        if entry.sequence not in fallen and not draft.is_busted(entry.sequence)
    ]
    return recount(key, entries, draft.market(key[2]))
