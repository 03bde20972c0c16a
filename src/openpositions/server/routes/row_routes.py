"""`GET /v1/rows`: one row whole, flat or settled too, with every number that the book keeps; scope `admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from openpositions.errors import InvalidInput
from openpositions.server.auth import requires
from openpositions.server.responses import json_response
from openpositions.wire.rest.parameters import parse_subaccount
from openpositions.wire.rest.whole_row import row_body

if TYPE_CHECKING:
    from openpositions.core.book import Book


def routes(book: Book) -> list[web.RouteDef]:
    """The route. It expects `request[CALLER]`, and InvalidInput to be answered with 400."""

    @requires("admin")
    async def row(request: web.Request) -> web.Response:
        query = request.query
        key = _required(query.get("user_id"), "user_id"), parse_subaccount(query) or 0
        found = book.row((*key, _required(query.get("market_ticker"), "market_ticker")))
        mark_bp = book.market(found.market_ticker).mark_bp
        return json_response(row_body(found, mark_bp, book.sequence))

    return [web.get("/v1/rows", row)]


def _required(text: str | None, name: str) -> str:
    if not text:
        raise InvalidInput(name, f"{name} is missing: it says whose row, or which, is asked for", code="missing_field")
    return text
