"""The reads of the past: rows as they were, and the entries that made them (interfaces, "Service paths besides").

An answer costs a pass over the entries that it is made of: some 10 µs an entry, read and counted in slices with other
work between two.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import web

from openpositions.engine.archive import Span
from openpositions.engine.series import SeriesQuery, market_series, series
from openpositions.errors import InvalidInput
from openpositions.server.routes.history_slots import HistorySlots
from openpositions.server.routes.scoped_read import scoped_read
from openpositions.wire.rest.entries_page import entries_body
from openpositions.wire.rest.history_page import HistoryPage
from openpositions.wire.rest.history_query import parse_entries_query, parse_history_query, parse_series_query
from openpositions.wire.rest.series_body import series_body

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.engine.archive import Archive
    from openpositions.engine.past import Past
    from openpositions.server.routes.scoped_read import ReadRequest

# Going over this many takes about 3 ms, after which other work gets its turn.
_ROWS_A_SLICE = 1_000


class HistorySources(NamedTuple):
    """What the reads answer from."""

    book: Book
    past: Past
    archive: Archive


def routes(sources: HistorySources) -> list[web.RouteDef]:
    """The routes. They expect `request[CALLER]`, and InvalidInput to be answered."""
    reads = _Reads(sources)
    return [
        web.get("/v1/positions/history", scoped_read(reads.positions)),
        web.get("/v1/entries", scoped_read(reads.entries)),
        web.get("/v1/pnl/history", scoped_read(reads.pnl)),
    ]


class _Reads:
    """The answers. Each raises InvalidInput for a bad parameter."""

    def __init__(self, sources: HistorySources) -> None:
        self._sources = sources
        self._slots = HistorySlots()

    async def positions(self, request: ReadRequest) -> bytes:
        book, past, _ = self._sources
        query = parse_history_query(request.parameters, request.subaccount, book.sequence)
        page = HistoryPage(request.user_id, query, book.market)
        async with self._slots.slot(request.user_id):
            rows = list(book.rows_of(request.user_id))
            for start in range(0, len(rows), _ROWS_A_SLICE):
                page.take(rows[start : start + _ROWS_A_SLICE])
                await asyncio.sleep(0)
            return page.body(await past.rows(request.user_id, page.rows(), query.moment))

    async def entries(self, request: ReadRequest) -> bytes:
        book, past, _ = self._sources
        query = parse_entries_query(request.parameters, request.subaccount, book.sequence)
        tickers = None if query.ticker is None else frozenset([query.ticker])
        span = Span(query.after, query.through, tickers, query.subaccount)
        # One more than the page shows whether another follows.
        return entries_body(query, await past.entries(request.user_id, span, query.limit + 1))

    async def pnl(self, request: ReadRequest) -> bytes:
        book, past, archive = self._sources
        query = parse_series_query(request.parameters, request.subaccount)
        user_id, ticker = request.user_id, query.ticker
        # Only the owner of the data directory asks without a user: for everybody in a market.
        if not user_id and (ticker is None or query.subaccount is not None):
            raise InvalidInput(
                "ticker", "ticker alone says which market's profit and loss of all users", code="invalid_parameter"
            )
        async with self._slots.slot(user_id):
            through = book.sequence
            of = SeriesQuery(query.every_ms, through, ticker, query.subaccount, query.since_ms, query.until_ms)
            if user_id or ticker is None:
                points = await series(past, archive, book, user_id, of)
            else:
                points = await market_series(past, archive, book, ticker, of)
            return series_body(user_id, query, through, points)
