"""A client of the REST reads, on a book that real events made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler

from openpositions.core.events import Entry, Fill
from openpositions.server.auth import CALLER, Caller
from openpositions.server.responses import answer_invalid_input
from openpositions.server.routes import reads
from openpositions.server.routes.reads import ReadSources
from tests.journaled_book import JournaledBook

POSITIONS = "/trade-api/v2/portfolio/positions"
FILLS = "/trade-api/v2/portfolio/fills"
SETTLEMENTS = "/trade-api/v2/portfolio/settlements"
BALANCE = "/trade-api/v2/portfolio/balance"
LIMITS = "/trade-api/v2/account/limits"
STATUS = "/trade-api/v2/exchange/status"

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def reading(
    journaled: JournaledBook,
    *,
    subaccount: int | None = None,
    scopes: frozenset[str] = frozenset({"read"}),
    takes_events: bool = True,
) -> AsyncIterator[Client]:
    """A client of alice's, as if every request had been signed with a key of hers, locked to a subaccount or not."""

    @web.middleware
    async def as_alice(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != STATUS:
            request[CALLER] = Caller("k1", "alice", scopes, subaccount)
        return await handler(request)

    async def fills(
        user_id: str, *, ticker: str | None, subaccount: int | None, before: int | None, limit: int
    ) -> list[Entry]:
        return [
            Entry(sequence, event)
            for sequence, event in reversed(journaled.entries)
            if isinstance(event, Fill)
            and event.user_id == user_id
            and sequence not in journaled.book.busted
            and ticker in {None, event.market_ticker}
            and subaccount in {None, event.subaccount}
            and (before is None or sequence < before)
        ][:limit]

    app = web.Application(middlewares=[as_alice, answer_invalid_input])
    app.add_routes(
        reads.routes(ReadSources(journaled.book, fills, lambda: 1_783_302_928_999, lambda: takes_events, 200))
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def text_of(client: Client, path: str, **parameters: str) -> str:
    """The body of an answer that is exactly 200 and JSON."""
    response = await client.get(path, params=parameters, allow_redirects=False)
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    return await response.text()


async def json_of(client: Client, path: str, **parameters: str) -> Any:  # noqa: ANN401 - JSON
    """The answer as a client reads it."""
    return msgspec.json.decode(await text_of(client, path, **parameters))
