"""The fills and adjustments of a user, oldest first, in the form in which events are fed in (interfaces, "Events in").

Each has its sequence, and a busted fill the bust that reversed it. With the rows of
`/v1/positions/history`, which say how markets were settled, they are all that the rows are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.core.events import Adjustment, Bust, Entry, Fill
from openpositions.core.history import HistoryEntry
from openpositions.core.money import format_count, format_dollars_6
from openpositions.wire.ingest.account_events import read_adjustment
from openpositions.wire.ingest.fill_events import fill_fields, read_fill
from openpositions.wire.ingest.messages import AdjustmentMessage, FillMessage
from openpositions.wire.rest.history_query import EntriesCursor
from openpositions.wire.rest.parameters import format_cursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpositions.wire.rest.history_query import EntriesQuery


class BustedBy(msgspec.Struct):
    """The bust that reversed a fill."""

    sequence: int
    bust_id: str
    trade_id: str
    ts_ms: int


class EntryLine(msgspec.Struct, omit_defaults=True):
    """A fill or an adjustment, `msg` in the form in which it could be fed in."""

    sequence: int
    type: str
    msg: msgspec.Raw
    busted: BustedBy | None = None


class EntriesAnswer(msgspec.Struct):
    """A page of entries."""

    sequence: int
    """The last entry of the journal that this read includes, on whatever page."""
    cursor: str
    entries: list[EntryLine]

    def history_entries(self) -> list[HistoryEntry]:
        """The entries. Raises InvalidInput or MsgspecError where a page is none of ours."""
        return [_history_entry(line) for line in self.entries]


def entries_body(query: EntriesQuery, items: Sequence[HistoryEntry]) -> bytes:
    """The answer, given up to one entry more than the page holds."""
    page = items[: query.limit]
    cursor = format_cursor(EntriesCursor(page[-1].entry.sequence, query.through)) if len(page) < len(items) else ""
    return msgspec.json.encode(EntriesAnswer(query.through, cursor, [_line(item) for item in page]))


def _line(item: HistoryEntry) -> EntryLine:
    (sequence, event), bust = item
    kind, message = ("fill", fill_fields(event)) if isinstance(event, Fill) else ("adjustment", _adjustment(event))
    busted = None
    if bust is not None and isinstance(bust.event, Bust):
        busted = BustedBy(bust.sequence, bust.event.bust_id, bust.event.trade_id, bust.event.ts_ms)
    return EntryLine(sequence, kind, msgspec.Raw(msgspec.json.encode(message)), busted)


def _adjustment(event: object) -> dict[str, Any]:
    if not isinstance(event, Adjustment):
        raise TypeError(f"{type(event).__name__} is no entry of a row")
    return {
        "adjustment_id": event.adjustment_id,
        "user_id": event.user_id,
        "subaccount": event.subaccount,
        "market_ticker": event.market_ticker,
        "position_fp": format_count(event.position_centi),
        "cost_dollars": format_dollars_6(event.cost_micros),
        "realized_pnl_dollars": format_dollars_6(event.realized_pnl_micros),
        "fees_paid_dollars": format_dollars_6(event.fees_paid_micros),
        "cash_dollars": format_dollars_6(event.cash_micros),
        "reason": event.reason,
        "ts_ms": event.ts_ms,
    }


def _history_entry(line: EntryLine) -> HistoryEntry:
    event = (
        read_fill(msgspec.json.decode(line.msg, type=FillMessage), 0)
        if line.type == "fill"
        else read_adjustment(msgspec.json.decode(line.msg, type=AdjustmentMessage), 0)
    )
    bust = None
    if (busted := line.busted) is not None:
        bust = Entry(busted.sequence, Bust(busted.bust_id, busted.trade_id, None, None, busted.ts_ms))
    return HistoryEntry(Entry(line.sequence, event), bust)
