"""The HTTP surface: which paths there are, who may use them, and how what goes wrong is said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from openpositions.server.auth import CALLER, OWNER_KEY_ID, Caller, Denied, signed_path
from openpositions.server.dashboard import routes as dashboard_routes
from openpositions.server.keys import SCOPES
from openpositions.server.responses import answer_failures, answer_invalid_input, json_response
from openpositions.server.routes import (
    api_routes,
    health_routes,
    history_routes,
    ingest,
    key_routes,
    metrics,
    owner_routes,
    reads,
    row_routes,
    ticket_routes,
)
from openpositions.server.sandbox import fault_routes
from openpositions.wire.paths import REST_PATH, SOCKET_PATH
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, error_body

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from openpositions.server.service import Service

_UNSIGNED = frozenset(
    {"/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", f"{REST_PATH}/exchange/status"}
)


def public_app(service: Service) -> web.Application:
    """What the network sees: every request is signed, but for a few that say nothing of anybody."""
    faults = service.faults
    if faults is None:
        app = _app(service, _authenticate(service))
    else:
        refuse, know = (
            fault_routes.refuse_handshakes(faults, SOCKET_PATH),
            fault_routes.know_callers(faults, SOCKET_PATH),
        )
        app = _app(service, refuse, _authenticate(service), know)
    app.add_routes([web.get(SOCKET_PATH, service.sockets.serve)])
    app.add_routes(ticket_routes.routes(service.tickets, service.origins, service.now_ms))
    app.add_routes(dashboard_routes.routes())
    app.add_routes(api_routes.routes(app, plain=service.settings.plain))
    return app


def control_app(service: Service) -> web.Application:
    """What the owner of the data directory sees, through a socket file that only they can open.

    A request speaks for the user named by the parameter `user_id`.
    """

    @web.middleware
    async def trust(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[CALLER] = Caller(OWNER_KEY_ID, request.query.get("user_id", ""), frozenset(SCOPES), None)
        return await handler(request)

    app = _app(service, trust)
    app.add_routes([web.get(SOCKET_PATH, service.sockets.serve)])
    app.add_routes(owner_routes.routes(service.keys, service.verify, service.settings.request_seconds))
    return app


def _app(service: Service, *who_calls: Middleware) -> web.Application:
    app = web.Application(
        middlewares=[answer_failures, answer_invalid_input, *who_calls],
        client_max_size=service.settings.body_bytes,
    )

    app.add_routes(health_routes.routes(service))
    app.add_routes(metrics.routes(service))
    app.add_routes(ingest.routes(service.pipeline, service.settings, service.now_ms))
    app.add_routes(key_routes.routes(service.keys, service.settings.request_seconds))
    app.add_routes(reads.routes(service.reads))
    app.add_routes(row_routes.routes(service.book))
    app.add_routes(history_routes.routes(service.history))
    if service.faults is not None:
        app.add_routes(fault_routes.routes(service.faults, service.settings.request_seconds))
    return app


def _authenticate(service: Service) -> Middleware:
    """A caller for every request that needs one; reads are counted against the user's rate."""

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in _UNSIGNED or dashboard_routes.is_page(request.path):
            return await handler(request)
        ticket = request.query.get("ticket") if request.path == SOCKET_PATH else None
        if ticket is not None:
            if not service.origins.allow_request(request):
                return Denied(403, error_body("forbidden", "pages of this origin may not use tickets")).response()
            caller = service.tickets.redeem(ticket)
        else:
            caller = service.authenticator.authenticate(
                request.headers, request.method, signed_path(request), service.now_ms()
            )
        if isinstance(caller, Denied):
            return caller.response()
        now = asyncio.get_running_loop().time()
        if request.method in {"GET", "HEAD"} and not service.rates.take(caller.user_id, now):
            return json_response(TOO_MANY_REQUESTS, 429)
        request[CALLER] = caller
        return await handler(request)

    return authenticate
