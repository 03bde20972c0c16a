"""`GET /v1/rows`: one row whole, flat or settled too, with every number that the book keeps; scope `admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.core.money import format_count, format_dollars
from openpositions.core.valuation import market_value, unrealized_pnl
from openpositions.errors import InvalidInput
from openpositions.server.auth import requires
from openpositions.server.responses import json_response
from openpositions.wire.rest.parameters import parse_subaccount

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.core.position import Position


class WholeRow(msgspec.Struct):
    """One row whole; counts and money are exact texts."""

    user_id: str
    market_ticker: str
    subaccount: int
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    position_fee_cost_dollars: str
    volume_fp: str
    total_traded_dollars: str
    market_value_dollars: str | None
    """At the mark of the market; None while it has none."""
    unrealized_pnl_dollars: str | None
    sequence: int
    ts_ms: int


class RowAnswer(msgspec.Struct):
    """The row, as of a sequence."""

    row: WholeRow | None
    """None where that user never traded in the market."""
    sequence: int
    """Of the book that was read."""


def routes(book: Book) -> list[web.RouteDef]:
    """The route. It expects `request[CALLER]`, and InvalidInput to be answered with 400."""

    @requires("admin")
    async def row(request: web.Request) -> web.Response:
        query = request.query
        key = _required(query.get("user_id"), "user_id"), parse_subaccount(query) or 0
        found = book.row((*key, _required(query.get("market_ticker"), "market_ticker")))
        answer = RowAnswer(_form(found, book) if found.sequence else None, book.sequence)
        return json_response(msgspec.json.encode(answer))

    return [web.get("/v1/rows", row)]


def _required(text: str | None, name: str) -> str:
    if not text:
        raise InvalidInput(name, f"{name} is missing: it says whose row, or which, is asked for", code="missing_field")
    return text


def _form(row: Position, book: Book) -> WholeRow:
    mark_bp = book.market(row.market_ticker).mark_bp
    return WholeRow(
        row.user_id,
        row.market_ticker,
        row.subaccount,
        format_count(row.position),
        format_dollars(row.cost),
        format_dollars(row.realized_pnl),
        format_dollars(row.fees_paid),
        format_dollars(row.fee_cost),
        format_count(row.volume),
        format_dollars(row.total_traded),
        _or_unknown(market_value(row, mark_bp)),
        _or_unknown(unrealized_pnl(row, mark_bp)),
        row.sequence,
        row.ts_ms,
    )


def _or_unknown(micros: int | None) -> str | None:
    return None if micros is None else format_dollars(micros)
