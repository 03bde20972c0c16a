"""A row as it was: as of a sequence, or as of the time of events (interfaces, "Service paths besides")."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Adjustment, Fill
from openpositions.core.recount import Recount

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpositions.core.events import Entry
    from openpositions.core.market import Market
    from openpositions.core.position import Position, RowKey


class Moment(NamedTuple):
    """A point of the past, and with it which entries had happened."""

    sequence: int
    """Entries up to this one."""
    ts_ms: int | None = None
    """And of those, where given, the ones whose events are of this time or before."""

    def includes(self, sequence: int, ts_ms: int) -> bool:
        """Whether an entry had happened."""
        return sequence <= self.sequence and (self.ts_ms is None or ts_ms <= self.ts_ms)

    def market(self, market: Market) -> Market:
        """The market as it was: not settled, if its settlement had not happened."""
        settled_sequence = market.settled_sequence
        if settled_sequence is None or self.includes(settled_sequence, market.settled_ts_ms or 0):
            return market
        return market._replace(result=None, value_bp=None, settled_ts_ms=None, settled_sequence=None)

    def is_past(self, row: Position, market: Market) -> bool:
        """Whether nothing happened to the row since, so that what it was is what it is."""
        settled_later = market.settled and not self.market(market).settled
        # A later settlement normally moves the row's time. It does not when the row was flat at the settlement but
        # would be open without it.
        return self.includes(row.sequence, row.ts_ms) and not (self.ts_ms is not None and settled_later)


class HistoryEntry(NamedTuple):
    """A fill or an adjustment, and the bust that reversed it."""

    entry: Entry
    bust: Entry | None = None
    """None for a fill that stands, and for an adjustment."""


class RowAsOf:
    """One row as of a moment. `market` is what is known of it now.

    A bust that had not happened takes nothing away yet, a settlement that had not happened closes nothing.
    """

    def __init__(self, key: RowKey, market: Market, moment: Moment) -> None:
        self._moment = moment
        self._market = moment.market(market)
        self._recount = Recount(key, self._market)
        self._sequence = 0
        self._ts_ms = 0
        self._held_at_settlement = 0
        """The position that the settlement found, in 1/100 contract. Fills busted after the settlement still count."""

    def take(self, item: HistoryEntry) -> None:
        """Takes in the next fill or adjustment of the row, in order; one that had not happened does not count."""
        entry, bust = item
        sequence, event = entry
        if not isinstance(event, Fill | Adjustment) or not self._moment.includes(sequence, event.ts_ms):
            return
        self._touch(sequence, event.ts_ms)
        busted_at = None
        if bust is not None and self._moment.includes(bust.sequence, bust.event.ts_ms):
            busted_at = bust.sequence
            self._touch(busted_at, bust.event.ts_ms)
        else:
            self._recount.take(entry)
        settled_sequence = self._market.settled_sequence
        if settled_sequence is not None and sequence < settled_sequence <= (busted_at or settled_sequence):
            self._held_at_settlement += _position_change(event)

    def row(self) -> Position | None:
        """The row; None when nothing of it had happened."""
        if not self._sequence:
            return None
        if self._held_at_settlement:
            self._touch(self._market.settled_sequence or 0, self._market.settled_ts_ms or 0)
        return self._recount.row()._replace(sequence=self._sequence, ts_ms=self._ts_ms)

    def _touch(self, sequence: int, ts_ms: int) -> None:
        self._sequence = max(self._sequence, sequence)
        self._ts_ms = max(self._ts_ms, ts_ms)


class RowsAsOf:
    """Rows as of a moment, made of the entries of their user. `market_of` gives what is known of a market now."""

    def __init__(self, keys: set[RowKey], market_of: Callable[[str], Market], moment: Moment) -> None:
        self._rows = {key: RowAsOf(key, market_of(key[2]), moment) for key in keys}

    def take(self, items: list[HistoryEntry]) -> None:
        """Takes in entries in order; those of other rows are passed over."""
        for item in items:
            event = item.entry.event
            if isinstance(event, Fill | Adjustment):
                row = self._rows.get((event.user_id, event.subaccount, event.market_ticker))
                if row is not None:
                    row.take(item)

    def rows(self) -> dict[RowKey, Position]:
        """Those of the rows that there were."""
        return {key: row for key, of in self._rows.items() if (row := of.row()) is not None}


def _position_change(event: Fill | Adjustment) -> int:
    if isinstance(event, Adjustment):
        return event.position_centi
    return event.count_centi if event.acquires_yes else -event.count_centi
