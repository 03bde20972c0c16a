"""`/v1/faults` of a sandbox, and what its requests meet on their way in (docs/testing.md, "Reference: faults")."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.errors import InvalidInput
from openpositions.server.auth import CALLER, Denied, requires
from openpositions.server.limits import read_body
from openpositions.server.responses import json_response
from openpositions.server.sandbox.faults import FAULTS_PATH, Faults
from openpositions.server.sandbox.relay import Relay
from openpositions.wire.rest.errors import TIMESTAMP_EXPIRED, TOO_MANY_REQUESTS, code_of_status, error_body
from openpositions.wire.sandbox.faults import Fault, parse_faults

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

_LONGEST_BODY = 64 * 1024


class FaultsAnswer(msgspec.Struct):
    """The faults that are still to be met."""

    faults: list[Fault]
    starts: int
    """How often the service was started."""


def routes(faults: Faults, request_seconds: float) -> list[web.RouteDef]:
    """The routes, for callers with the scope `admin`. They expect InvalidInput to be answered with 400."""

    @requires("admin")
    async def index(_: web.Request) -> web.Response:
        return _answer(faults)

    @requires("admin")
    async def make(request: web.Request) -> web.Response:
        body = await read_body(request, request_seconds)
        if len(body) > _LONGEST_BODY:
            raise InvalidInput("body", f"a body of faults has at most {_LONGEST_BODY} bytes, this one {len(body)}")
        faults.apply(parse_faults(body))
        return _answer(faults)

    @requires("admin")
    async def clear(_: web.Request) -> web.Response:
        faults.clear()
        return _answer(faults)

    return [web.get(FAULTS_PATH, index), web.post(FAULTS_PATH, make), web.delete(FAULTS_PATH, clear)]


def refuse_handshakes(faults: Faults, socket_path: str) -> Middleware:
    """Refuses handshakes before anybody looks at who they are from, and reports those that fail for any reason."""

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != socket_path:
            return await handler(request)
        relay, status = request.transport, faults.take_rejection()
        response = await handler(request) if status is None else _refusal(status)
        if isinstance(response, web.Response) and isinstance(relay, Relay):
            body = response.body if isinstance(response.body, bytes) else b""
            faults.traffic.refused(relay, response.status, body)
        return response

    return refuse


def know_callers(faults: Faults, socket_path: str) -> Middleware:
    """Refuses keys that are to be expired, and tells the relay of a handshake whose it is."""

    @web.middleware
    async def know(request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = request.get(CALLER)
        if caller is None or request.path == FAULTS_PATH:
            return await handler(request)
        if request.path == socket_path and isinstance(request.transport, Relay):
            request.transport.user_id = caller.user_id
        if faults.has_expired(caller):
            return Denied(401, TIMESTAMP_EXPIRED).response()
        return await handler(request)

    return know


def _answer(faults: Faults) -> web.Response:
    return json_response(msgspec.json.encode(FaultsAnswer(faults.active(), faults.starts)))


def _refusal(status: int) -> web.Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return json_response(TOO_MANY_REQUESTS, status)
    return json_response(error_body(code_of_status(status), "the sandbox was told to refuse this handshake"), status)
