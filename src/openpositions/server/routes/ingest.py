"""`POST /v1/events`: reads a bounded body, turns its lines into events, answers when they are durable (interfaces)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.core.outcomes import Refusal, Verdict
from openpositions.errors import InvalidInput
from openpositions.server.auth import CALLER, requires
from openpositions.server.limits import BodyBudget, read_body
from openpositions.server.responses import json_response
from openpositions.wire.ingest.bodies import EventsAnswer, ParsedBody, Rejection
from openpositions.wire.ingest.events import parse_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpositions.engine.pipeline import Pipeline, Receipt
    from openpositions.server.settings import Settings

# A body with more bad lines is of another kind. Explaining each of millions would take a hundred times its memory.
_MOST_REJECTED = 10_000


def routes(pipeline: Pipeline, settings: Settings, now_ms: Callable[[], int]) -> list[web.RouteDef]:
    """The route that takes events."""
    budget = BodyBudget(settings.bodies_in_memory_bytes)

    @requires("ingest")
    async def take_events(request: web.Request) -> web.Response:
        atomic = _atomic(request)
        _check_form(request, settings.body_bytes)
        async with budget.reserve(request.content_length or settings.body_bytes, request[CALLER].user_id):
            body = await read_body(request, settings.request_seconds)
            parsed = await _parse(body, now_ms())
            del body
            withheld = atomic and parsed.rejected
            receipt = await pipeline.submit([] if withheld else parsed.events, atomic=atomic)
        return json_response(msgspec.json.encode(_answer(parsed, receipt)))

    return [web.post("/v1/events", take_events)]


def _atomic(request: web.Request) -> bool:
    value = request.query.get("atomic", "false")
    if value not in {"true", "false"}:
        raise InvalidInput("atomic", f"atomic must be true or false, not {value[:40]!r}", code="invalid_parameter")
    return value == "true"


def _check_form(request: web.Request, limit: int) -> None:
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise web.HTTPUnsupportedMediaType(text=f"Content-Encoding {encoding[:40]!r} is not taken: send it plain")
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)


async def _parse(body: bytes, arrival_ts_ms: int) -> ParsedBody:
    """The events of a body. Between the pieces of a long one other work gets its turn."""
    whole = ParsedBody([], [], [])
    for piece in parse_pieces(body, arrival_ts_ms):
        if whole.events or whole.rejected:
            await asyncio.sleep(0)
        whole.extend(piece)
        if len(whole.rejected) > _MOST_REJECTED:
            first = whole.rejected[0]
            message = f"more than {_MOST_REJECTED} lines are bad, first line {first.line}: {first.message}"
            raise InvalidInput("body", f"{message}; nothing was taken")
    return whole


def _answer(parsed: ParsedBody, receipt: Receipt) -> EventsAnswer:
    refused = [
        Rejection(line, outcome.code, outcome.message)
        for line, outcome in zip(parsed.lines, receipt.outcomes, strict=False)
        if isinstance(outcome, Refusal)
    ]
    return EventsAnswer(
        receipt.outcomes.count(Verdict.ACCEPTED),
        receipt.outcomes.count(Verdict.DUPLICATE),
        sorted([*parsed.rejected, *refused], key=lambda one: one.line),
        receipt.sequence,
    )
