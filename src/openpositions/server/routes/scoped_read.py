"""What the key of a caller may see, whatever the read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.server.auth import CALLER, Denied, requires
from openpositions.server.responses import json_response
from openpositions.wire.rest.errors import error_body
from openpositions.wire.rest.parameters import parse_subaccount

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web
    from aiohttp.typedefs import Handler


class ReadRequest(NamedTuple):
    """What a caller asks for, narrowed to what their key may see."""

    user_id: str
    subaccount: int | None
    """The one asked for, else the one the key is locked to, else None."""
    parameters: Mapping[str, str]


def scoped_read(answer: Callable[[ReadRequest], Awaitable[bytes]]) -> Handler:
    """A handler for callers with the scope `read`, kept to the subaccount that their key is locked to."""

    @requires("read")
    async def handler(request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        asked = parse_subaccount(request.query)
        if caller.subaccount is not None and asked not in {None, caller.subaccount}:
            message = f"subaccount {asked} is out of reach: this key sees subaccount {caller.subaccount} only"
            return Denied(403, error_body("forbidden", message)).response()
        subaccount = caller.subaccount if asked is None else asked
        return json_response(await answer(ReadRequest(caller.user_id, subaccount, request.query)))

    return handler
