"""`POST /v1/events`: reads a bounded body, turns its lines into events, answers when they are durable (interfaces)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.core.outcomes import Refusal, Verdict
from openpositions.errors import InvalidInput
from openpositions.server.auth import requires
from openpositions.server.bodies import read_body
from openpositions.server.limits import BodyBudget
from openpositions.server.responses import json_response
from openpositions.wire.bodies import ParsedBody, Rejection
from openpositions.wire.events import parse_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openpositions.engine.pipeline import Pipeline, Receipt
    from openpositions.server.settings import Settings

# Parsing this much takes about a millisecond, after which other work gets its turn.
_SLICE_BYTES = 64 * 1024


class _Answer(msgspec.Struct):
    accepted: int
    duplicates: int
    rejected: list[Rejection]
    sequence: int


def routes(pipeline: Pipeline, settings: Settings, now_ms: Callable[[], int]) -> list[web.RouteDef]:
    """The route that takes events."""
    budget = BodyBudget(settings.bodies_bytes)

    @requires("ingest")
    async def take_events(request: web.Request) -> web.Response:
        atomic = _atomic(request)
        _check_form(request, settings.body_bytes)
        async with budget.reserve(request.content_length or settings.body_bytes):
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
    """The events of a body; a long one is parsed in slices of whole lines, so that other work goes on."""
    if len(body) <= _SLICE_BYTES or body[:64].lstrip().startswith(b"["):
        return parse_body(body, arrival_ts_ms)
    whole = ParsedBody([], [], [])
    lines_before = 0
    for piece in _slices(body):
        parsed = parse_body(piece, arrival_ts_ms)
        whole.events.extend(parsed.events)
        whole.lines.extend(line + lines_before for line in parsed.lines)
        whole.rejected.extend(msgspec.structs.replace(one, line=one.line + lines_before) for one in parsed.rejected)
        lines_before += piece.count(b"\n")
        await asyncio.sleep(0)
    return whole


def _slices(body: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = body.find(b"\n", start + _SLICE_BYTES) + 1 or len(body)
        yield body[start:end]
        start = end


def _answer(parsed: ParsedBody, receipt: Receipt) -> _Answer:
    refused = [
        Rejection(line, outcome.code, outcome.message)
        for line, outcome in zip(parsed.lines, receipt.outcomes, strict=False)
        if isinstance(outcome, Refusal)
    ]
    return _Answer(
        receipt.outcomes.count(Verdict.ACCEPTED),
        receipt.outcomes.count(Verdict.DUPLICATE),
        sorted([*parsed.rejected, *refused], key=lambda one: one.line),
        receipt.sequence,
    )
