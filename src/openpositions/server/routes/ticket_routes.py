"""`POST /v1/tickets`: a page that cannot sign a socket gets a ticket for one (protocol, 1)."""

from collections.abc import Callable

import msgspec
from aiohttp import web

from openpositions.server.auth import CALLER, Denied, requires
from openpositions.server.origin import Origins
from openpositions.server.responses import json_response
from openpositions.server.tickets import Tickets
from openpositions.wire.rest.errors import error_body


def routes(tickets: Tickets, origins: Origins, now_ms: Callable[[], int]) -> list[web.RouteDef]:
    """The route that issues tickets. It expects `request[CALLER]`."""

    @requires("read")
    async def issue(request: web.Request) -> web.Response:
        if not origins.allow_request(request):
            origin = request.headers.get("Origin", "")
            message = f"pages of the origin {origin[:100]!a} may not use tickets; the operator can allow it"
            return Denied(403, error_body("forbidden", message)).response()
        issued = tickets.issue(request[CALLER], now_ms())
        if isinstance(issued, Denied):
            return issued.response()
        return json_response(msgspec.json.encode(issued))

    return [web.post("/v1/tickets", issue)]
