"""The REST reads of the venue: positions, fills, settlements, balance, limits and status (protocol, 4).

Positions, settlements and the balance cost a pass over all rows of that user, whatever the page: some 3 µs a row. The
rows are captured in one step, so that an answer is true as of one sequence, and gone over in slices, so that everybody
else waits for a slice and not for a pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from aiohttp import web

from openpositions.server.auth import requires
from openpositions.server.responses import json_response
from openpositions.server.routes.long_passes import LongPasses
from openpositions.server.routes.scoped_read import ReadRequest, scoped_read
from openpositions.wire.paths import REST_PATH
from openpositions.wire.rest.balance import BalanceSheet
from openpositions.wire.rest.fill_page import FillsPage
from openpositions.wire.rest.position_page import PositionsPage
from openpositions.wire.rest.settlement_page import SettlementsPage
from openpositions.wire.rest.venue import account_limits, exchange_status
from openpositions.wire.rest.venue_queries import (
    parse_fills_query,
    parse_positions_query,
    parse_settlements_query,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.core.book import Book
    from openpositions.core.events import Entry


class FillsOf(Protocol):
    """Where fills come from."""

    async def __call__(
        self, user_id: str, *, ticker: str | None, subaccount: int | None, before: int | None, limit: int
    ) -> Sequence[Entry]:
        """The standing fills of a user, newest first, below a sequence where one is given; busted ones are left out.

        Fewer than `limit` may be given although there are more; none are given only when there are no more.
        """


class ReadSources(NamedTuple):
    """What the reads answer from."""

    book: Book
    fills: FillsOf
    now_ms: Callable[[], int]
    takes_events: Callable[[], bool]
    """Whether the service takes events, or stopped doing so after a failure."""
    reads_per_second: int
    """REST reads that one user may make."""


def routes(sources: ReadSources) -> list[web.RouteDef]:
    """The routes of the reads. All but the status expect `request[CALLER]`, and InvalidInput to be answered."""
    reads = _Reads(sources)
    return [
        web.get(f"{REST_PATH}/portfolio/positions", scoped_read(reads.positions)),
        web.get(f"{REST_PATH}/portfolio/fills", scoped_read(reads.fills)),
        web.get(f"{REST_PATH}/portfolio/settlements", scoped_read(reads.settlements)),
        web.get(f"{REST_PATH}/portfolio/balance", scoped_read(reads.balance)),
        web.get(f"{REST_PATH}/account/limits", requires("read")(reads.limits)),
        web.get(f"{REST_PATH}/exchange/status", reads.status),
    ]


class _Reads:
    """The answers. Each raises InvalidInput for a bad parameter."""

    def __init__(self, sources: ReadSources) -> None:
        self._sources = sources
        self._passes = LongPasses()

    async def positions(self, request: ReadRequest) -> bytes:
        query = parse_positions_query(request.parameters, request.subaccount or 0)
        book = self._sources.book
        page = PositionsPage(query, book.markets, book.sequence)
        rows = list(book.rows_of(request.user_id))
        await self._passes.go_over(request.user_id, rows, page.take, page.add_up)
        return page.body()

    async def settlements(self, request: ReadRequest) -> bytes:
        query = parse_settlements_query(request.parameters, request.subaccount)
        book = self._sources.book
        page = SettlementsPage(query, book.market, book.sequence)
        await self._passes.go_over(request.user_id, list(book.rows_of(request.user_id)), page.take)
        return page.body()

    async def balance(self, request: ReadRequest) -> bytes:
        book = self._sources.book
        account_micros = sum(
            micros
            for subaccount, micros in book.accounts_of(request.user_id).items()
            if request.subaccount in {None, subaccount}
        )
        sheet = BalanceSheet(request.subaccount, account_micros, book.market)
        await self._passes.go_over(request.user_id, list(book.rows_of(request.user_id)), sheet.take)
        return sheet.body(self._sources.now_ms())

    async def fills(self, request: ReadRequest) -> bytes:
        query = parse_fills_query(request.parameters, request.subaccount)
        page = FillsPage(request.user_id, query)
        while limit := page.read_limit:
            page.take(
                await self._sources.fills(
                    request.user_id,
                    ticker=query.ticker,
                    subaccount=query.subaccount,
                    before=page.before,
                    limit=limit,
                )
            )
        return page.body()

    async def limits(self, _: web.Request) -> web.Response:
        return json_response(account_limits(self._sources.reads_per_second))

    async def status(self, _: web.Request) -> web.Response:
        return json_response(exchange_status(takes_events=self._sources.takes_events()))
