"""`GET /healthz` and `/readyz`: whether the process lives, and whether it takes events and nothing of it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.server.responses import json_response
from openpositions.wire.rest.errors import error_body

if TYPE_CHECKING:
    from openpositions.server.service import Service


class HealthAnswer(msgspec.Struct):
    """It lives."""

    status: str


class ReadyAnswer(msgspec.Struct):
    """It takes events."""

    status: str
    sequence: int
    """Of the last entry."""


def routes(service: Service) -> list[web.RouteDef]:
    """The routes. They want no caller."""

    async def healthy(_: web.Request) -> web.Response:
        return json_response(msgspec.json.encode(HealthAnswer("ok")))

    async def ready(_: web.Request) -> web.Response:
        failure = service.failure
        if failure is not None:
            return json_response(error_body("service_stopped", str(failure)), 503)
        return json_response(msgspec.json.encode(ReadyAnswer("ok", service.book.sequence)))

    return [web.get("/healthz", healthy), web.get("/readyz", ready)]
