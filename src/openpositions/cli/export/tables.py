"""The tables that `openpositions export` writes, and where their rows come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.cli.export.columns import Column
from openpositions.cli.export.rows import (
    OF_DISPOSAL,
    OF_FILL,
    OF_LOT,
    OF_POINT,
    OF_ROW,
    Row,
    Summary,
    of_disposal,
    of_fill,
    of_lot,
    of_point,
    of_row,
)
from openpositions.cli.past import query_of, read_entries, read_rows, read_series
from openpositions.core.events import Fill
from openpositions.core.lot_ledger import LotLedger
from openpositions.errors import RequestFailed
from openpositions.wire.rest.settlement_page import is_empty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from aiohttp import ClientSession

    from openpositions.core.lots import Disposal
    from openpositions.core.position import Position
    from openpositions.wire.rest.history_page import HistoryAnswer


class Wanted(NamedTuple):
    """What is to be written."""

    query: dict[str, str]
    """Whose rows, of which market and subaccount, as of when."""
    since_ms: int | None = None
    """Only what happened at this time or later."""
    until_ms: int | None = None
    """Only what happened before."""

    def includes(self, ts_ms: int) -> bool:
        """Whether a time is in the span."""
        return (self.since_ms is None or ts_ms >= self.since_ms) and (self.until_ms is None or ts_ms < self.until_ms)


class Table(NamedTuple):
    """One table."""

    columns: list[Column]
    rows: Callable[[ClientSession, Wanted, Summary], AsyncIterator[list[Row]]]
    takes_span: bool = False
    """Whether its rows happened at a time, so that a year of them can be wanted."""
    takes_as_of: bool = False
    """Whether it can be shown as of an event time."""
    takes_every: bool = False
    """Whether it has a row every so often; such a table is as of now, the others can be shown as of a sequence."""


async def _all_rows(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    answer = await _rows(session, wanted, summary)
    yield [of_row(answer, place) for place in range(len(answer.market_positions))]


async def _settlements(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The rows of settled markets in which anything is left of an event, in order of their settlement."""
    answer = await _rows(session, wanted, summary)
    settled = []
    for place, line in enumerate(answer.market_positions):
        row = line.position(answer.user_id)
        if line.settled_sequence is not None and wanted.includes(line.settled_ts_ms or 0) and not is_empty(row):
            settled.append((line.settled_sequence, row.subaccount, place))
            summary.micros["payout_dollars"] += row.payout
            summary.micros["realized_pnl_dollars"] += row.realized_pnl
    yield [of_row(answer, place) for _, _, place in sorted(settled)]


async def _fills(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The fills that stand, oldest first."""
    async for page in read_entries(session, wanted.query):
        summary.sequence = page.sequence
        yield [
            of_fill(item.entry.sequence, item.entry.event, summary)
            for item in page.items
            if isinstance(item.entry.event, Fill) and item.bust is None and wanted.includes(item.entry.event.ts_ms)
        ]


async def _lots(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The disposals, in the order of the journal; the whole history is gone through, whatever span is wanted."""
    rows = await _rows(session, wanted, summary)
    ledger = _ledger_of(rows)

    def some(disposals: Iterable[Disposal]) -> list[Row]:
        return [of_disposal(one, summary) for one in disposals if wanted.includes(one.cause.ts_ms)]

    async for page in read_entries(session, wanted.query | {"sequence": str(rows.sequence)}):
        yield some(disposal for item in page.items for disposal in ledger.take(item))
    yield some(ledger.finish())
    _reconcile(ledger, rows)


async def _open_lots(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """What is held, by market and subaccount, the longest held first."""
    rows = await _rows(session, wanted, summary)
    ledger = _ledger_of(rows)
    async for page in read_entries(session, wanted.query | {"sequence": str(rows.sequence)}):
        for item in page.items:
            for _ in ledger.take(item):
                pass
    for _ in ledger.finish():
        pass
    _reconcile(ledger, rows)
    yield [of_lot(key, lot, summary) for key, lot in ledger.open_lots()]


async def _pnl(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """Profit and loss over time, at the ends of the spans in which it changed."""
    # A point is of what was before its time: the last of a year is that of the first millisecond after it.
    since = None if wanted.since_ms is None else wanted.since_ms + 1
    until = None if wanted.until_ms is None else wanted.until_ms + 1
    answer = await read_series(session, wanted.query | query_of(since=since, until=until))
    summary.sequence = answer.sequence
    yield [of_point(answer, point) for point in answer.points]


TABLES = {
    "rows": Table(OF_ROW, _all_rows, takes_as_of=True),
    "fills": Table(OF_FILL, _fills, takes_span=True),
    "settlements": Table(OF_ROW, _settlements, takes_span=True, takes_as_of=True),
    "lots": Table(OF_DISPOSAL, _lots, takes_span=True),
    "open-lots": Table(OF_LOT, _open_lots),
    "pnl": Table(OF_POINT, _pnl, takes_span=True, takes_every=True),
}


async def _rows(session: ClientSession, wanted: Wanted, summary: Summary) -> HistoryAnswer:
    answer = await read_rows(session, wanted.query)
    summary.sequence = answer.sequence
    return answer


def _ledger_of(answer: HistoryAnswer) -> LotLedger:
    return LotLedger((row.position(answer.user_id).key, row.market()) for row in answer.market_positions)


def _reconcile(ledger: LotLedger, answer: HistoryAnswer) -> None:
    """Holds the lots of every row against the row. Raises RequestFailed: what does not add up is not written."""
    for line in answer.market_positions:
        row: Position = line.position(answer.user_id)
        violation = ledger.violation(row)
        if violation:
            raise RequestFailed(f"the lots of {row.user_id} in {row.market_ticker} do not add up: {violation}")
