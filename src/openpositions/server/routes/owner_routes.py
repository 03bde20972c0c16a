"""What only the owner of the data directory may ask for: many keys at once, and a verification."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from openpositions.errors import InvalidInput
from openpositions.server.keys import NewKey
from openpositions.server.limits import read_body
from openpositions.server.responses import json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from openpositions.engine.verification import Verification
    from openpositions.server.keys import KeyStore

_decode_keys = msgspec.json.Decoder(list[NewKey]).decode


def routes(keys: KeyStore, verify: Callable[[], Awaitable[Verification]], request_seconds: float) -> list[web.RouteDef]:
    """The routes. They expect InvalidInput to be answered with 400."""

    async def import_keys(request: web.Request) -> web.Response:
        body = await read_body(request, request_seconds)
        # In a thread: reading a key takes 30 µs, storing them waits for the disk.
        added = await asyncio.to_thread(lambda: keys.add_many(_read_keys(body)))
        return json_response(msgspec.json.encode([{"key_id": key.key_id, "user_id": key.user_id} for key in added]))

    async def verified(_: web.Request) -> web.Response:
        return json_response(msgspec.json.encode(await verify()))

    return [web.post("/v1/keys/import", import_keys), web.get("/v1/verify", verified)]


def _read_keys(body: bytes) -> list[NewKey]:
    try:
        return _decode_keys(body)
    except msgspec.MsgspecError as error:
        raise InvalidInput("body", f"the body is not a JSON array of keys: {error}") from None
