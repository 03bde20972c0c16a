"""`GET /openapi.json` and `/asyncapi.json`: what the service serves, for programs to read; no signature."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import msgspec
from aiohttp import hdrs, web

from openpositions.server.dashboard.routes import is_page
from openpositions.server.responses import json_response
from openpositions.server.routes.operations import OPERATIONS
from openpositions.wire.api.asyncapi import asyncapi_document
from openpositions.wire.api.openapi import Endpoint, Operation, openapi_document


def served(app: web.Application) -> list[Endpoint]:
    """Every method of every path that an application has for programs: not the dashboard, which is for browsers.

    HEAD goes without saying: it is GET without the body.
    """
    return [
        Endpoint(route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != hdrs.METH_HEAD and not is_page(route.resource.canonical)
    ]


def routes(app: web.Application, *, plain: bool) -> list[web.RouteDef]:
    """The routes. They describe what `app` serves when they are first asked; `plain` sockets know no extensions."""

    @cache
    def openapi() -> bytes:
        operations = {place: OPERATIONS[place] for place in served(app)}
        if plain:
            operations = {place: _without_dialect(operation) for place, operation in operations.items()}
        return msgspec.json.encode(openapi_document(operations, version("openpositions")))

    @cache
    def asyncapi() -> bytes:
        return msgspec.json.encode(asyncapi_document(version("openpositions"), plain=plain))

    async def rest(_: web.Request) -> web.Response:
        return json_response(openapi())

    async def socket(_: web.Request) -> web.Response:
        return json_response(asyncapi())

    return [web.get("/openapi.json", rest), web.get("/asyncapi.json", socket)]


def _without_dialect(operation: Operation) -> Operation:
    """As it is where nobody may choose how a socket speaks."""
    return operation._replace(parameters=tuple(one for one in operation.parameters if one.name != "wire"))
