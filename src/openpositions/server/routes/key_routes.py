"""`/v1/keys`: lists keys, makes them and revokes them, for callers with the scope `admin` (interfaces)."""

import asyncio

import msgspec
from aiohttp import web

from openpositions.errors import InvalidInput
from openpositions.server.auth import requires
from openpositions.server.keys import SCOPES, Key, KeyStore, NewKey
from openpositions.server.limits import read_body
from openpositions.server.responses import json_response
from openpositions.wire.rest.errors import error_body
from openpositions.wire.signing import KeyType, format_private_key, format_public_key, generate_key

DEFAULT_PAGE, LONGEST_PAGE = 100, 1000


class KeyRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a POST. Without a public key, a pair is made, and its private half is answered once."""

    user_id: str
    scopes: frozenset[str]
    public_key: str | None = None
    type: KeyType | None = None
    subaccount: int | None = None


class KeyForm(msgspec.Struct, kw_only=True):
    """A key, without its public half."""

    key_id: str
    user_id: str
    scopes: list[str]
    subaccount: int | None
    """The only one it sees; None for all."""
    created_ts_ms: int
    revoked_ts_ms: int | None


class MadeKey(KeyForm, kw_only=True):
    """A key that was just made."""

    private_key: str | msgspec.UnsetType = msgspec.UNSET
    """In PEM, sent this once; absent where the caller brought a public key."""


class KeysAnswer(msgspec.Struct):
    """A page of keys."""

    cursor: str
    keys: list[KeyForm]


class RevokedKey(msgspec.Struct):
    """The key that is good for nothing any more."""

    key_id: str


def routes(keys: KeyStore, request_seconds: float) -> list[web.RouteDef]:
    """The routes that manage keys. They expect `request[CALLER]`, and InvalidInput to be answered with 400."""

    @requires("admin")
    async def index(request: web.Request) -> web.Response:
        limit = _limit(request.query.get("limit", ""))
        page = keys.page(request.query.get("cursor", ""), limit + 1)
        cursor = page[limit - 1].key_id if len(page) > limit else ""
        return json_response(msgspec.json.encode(KeysAnswer(cursor, [_format_key(key) for key in page[:limit]])))

    @requires("admin")
    async def make(request: web.Request) -> web.Response:
        wanted = _decode(await read_body(request, request_seconds))
        # In a thread: making an RSA key takes 0.1 s of a core, storing it waits for the disk.
        made = await asyncio.to_thread(_make, keys, wanted)
        return json_response(msgspec.json.encode(made))

    @requires("admin")
    async def revoke(request: web.Request) -> web.Response:
        key_id = request.match_info["key_id"]
        if not await asyncio.to_thread(keys.revoke, key_id):
            return json_response(error_body("not_found", f"there is no key {key_id[:40]!a}"), 404)
        return json_response(msgspec.json.encode(RevokedKey(key_id)))

    return [
        web.get("/v1/keys", index),
        web.post("/v1/keys", make),
        web.delete("/v1/keys/{key_id}", revoke),
    ]


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_PAGE
    # The length before the number: Python refuses to read one of thousands of digits.
    if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_PAGE)) and 1 <= int(text) <= LONGEST_PAGE:
        return int(text)
    message = f"limit must be an integer from 1 to {LONGEST_PAGE}, not {text[:40]!a}"
    raise InvalidInput("limit", message, code="invalid_parameter")


def _decode(body: bytes) -> KeyRequest:
    try:
        return msgspec.json.decode(body, type=KeyRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("body", f"the body is not the JSON of a key: {error}") from None


def _make(keys: KeyStore, wanted: KeyRequest) -> MadeKey:
    """The answer for a new key, which is stored. Raises InvalidInput."""
    private_key = None
    public_key = wanted.public_key
    if public_key is None:
        private_key = generate_key(wanted.type or "rsa")
        public_key = format_public_key(private_key.public_key())
    elif wanted.type is not None:
        raise InvalidInput("type", "type is for a pair to be made; leave it out beside a public_key")
    key = keys.add(
        NewKey(user_id=wanted.user_id, scopes=wanted.scopes, public_key=public_key, subaccount=wanted.subaccount)
    )
    answer = _format_key(key)
    if private_key is not None:
        answer.private_key = format_private_key(private_key)
    return answer


def _format_key(key: Key) -> MadeKey:
    return MadeKey(
        key_id=key.key_id,
        user_id=key.user_id,
        scopes=[scope for scope in SCOPES if scope in key.scopes],
        subaccount=key.subaccount,
        created_ts_ms=key.created_ts_ms,
        revoked_ts_ms=key.revoked_ts_ms,
    )
