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
from openpositions.server.routes.reach import within_reach
from openpositions.server.routes.turns import Turns
from openpositions.wire.rest.entries_page import entries_body
from openpositions.wire.rest.history_page import HistoryPage
from openpositions.wire.rest.history_query import parse_entries_query, parse_history_query, parse_series_query
from openpositions.wire.rest.series_body import series_body

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.engine.archive import Archive
    from openpositions.engine.past import Past
    from openpositions.server.routes.reach import Question

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
        web.get("/v1/positions/history", within_reach(reads.positions)),
        web.get("/v1/entries", within_reach(reads.entries)),
        web.get("/v1/pnl/history", within_reach(reads.pnl)),
    ]


class _Reads:
    """The answers. Each raises InvalidInput for a bad parameter."""

    def __init__(self, sources: HistorySources) -> None:
        self._sources = sources
        self._turns = Turns()

    async def positions(self, question: Question) -> bytes:
        book, past, _ = self._sources
        query = parse_history_query(question.parameters, question.subaccount, book.sequence)
        page = HistoryPage(question.user_id, query, book.market)
        async with self._turns.turn(question.user_id):
            rows = list(book.rows_of(question.user_id))
            for start in range(0, len(rows), _ROWS_A_SLICE):
                page.take(rows[start : start + _ROWS_A_SLICE])
                await asyncio.sleep(0)
            return page.body(await past.rows(question.user_id, page.rows(), query.moment))

    async def entries(self, question: Question) -> bytes:
        book, past, _ = self._sources
        query = parse_entries_query(question.parameters, question.subaccount, book.sequence)
        tickers = None if query.ticker is None else frozenset([query.ticker])
        span = Span(query.after, query.through, tickers, query.subaccount)
        # One more than the page tells whether another follows.
        return entries_body(query, await past.entries(question.user_id, span, query.limit + 1))

    async def pnl(self, question: Question) -> bytes:
        book, past, archive = self._sources
        query = parse_series_query(question.parameters, question.subaccount)
        user_id, ticker = question.user_id, query.ticker
        # Only the owner of the data directory asks without a user: for everybody in a market.
        if not user_id and (ticker is None or query.subaccount is not None):
            raise InvalidInput(
                "ticker", "ticker alone says which market's profit and loss of all users", code="invalid_parameter"
            )
        async with self._turns.turn(user_id):
            through = book.sequence
            of = SeriesQuery(query.every_ms, through, ticker, query.subaccount, query.since_ms, query.until_ms)
            if user_id or ticker is None:
                points = await series(past, archive, book, user_id, of)
            else:
                points = await market_series(past, archive, book, ticker, of)
            return series_body(user_id, query, through, points)
