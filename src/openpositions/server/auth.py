"""Who is asking, and whether they may (protocol, 1)."""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from openpositions.server.keys import KeyStore
from openpositions.server.responses import json_response
from openpositions.wire.rest.errors import (
    BAD_SIGNATURE,
    MISSING_SIGNATURE,
    TIMESTAMP_EXPIRED,
    UNKNOWN_KEY,
    error_body,
)
from openpositions.wire.signing import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    load_public_key,
    signed_text,
    verify,
)

# Names of headers are compared without regard to case.
_KEY, _TIMESTAMP, _SIGNATURE = KEY_HEADER.lower(), TIMESTAMP_HEADER.lower(), SIGNATURE_HEADER.lower()

# Digits of Unix milliseconds until the year 33658.
_LONGEST_TIMESTAMP = 15

# Reading a key and preparing it for its first signature costs half a verification; a prepared one takes some 3 kB.
_load_public_key = lru_cache(maxsize=4096)(load_public_key)


OWNER_KEY_ID = "control"
"""The key id of callers on the control socket: who can open that file needs no key."""


class Caller(NamedTuple):
    """Who signed a request, and what their key may do."""

    key_id: str
    user_id: str
    scopes: frozenset[str]
    subaccount: int | None
    """The only one the key sees; None for all."""

    @property
    def is_owner(self) -> bool:
        """Whether this is the owner of the data directory, on behalf of the user."""
        return self.key_id == OWNER_KEY_ID


CALLER = web.RequestKey("caller", Caller)
"""Where a request carries its caller, once it is authenticated."""


class Denied(NamedTuple):
    """A request that is not served: its status and its JSON body."""

    status: int
    body: bytes

    def response(self) -> web.Response:
        """The denial as it is answered over HTTP."""
        return json_response(self.body, self.status)


class Authenticator:
    """Finds who signed a request. A request replayed within the window is accepted: the protocol has no nonce.

    `window_ms` is how far the timestamp of a request may be off, either way.
    """

    def __init__(self, keys: KeyStore, window_ms: int) -> None:
        self._keys = keys
        self._window_ms = window_ms

    def authenticate(self, headers: Mapping[str, str], method: str, path: str, now_ms: int) -> Caller | Denied:
        """The caller, by the three headers of a request; `path` as it was sent, with or without its query.

        The venue has no shape for two cases: a missing key id is answered as an unknown one, a missing or malformed
        timestamp as one too far off. What is wrong first, in the order of the lines here, is what is answered.
        """
        sent = {name.lower(): value for name, value in headers.items()}
        signature = sent.get(_SIGNATURE)
        if not signature:
            return Denied(401, MISSING_SIGNATURE)
        timestamp = sent.get(_TIMESTAMP, "")
        if not self._is_recent(timestamp, now_ms):
            return Denied(401, TIMESTAMP_EXPIRED)
        key = self._keys.get(sent.get(_KEY, ""))
        if key is None or not key.is_good:
            return Denied(401, UNKNOWN_KEY)
        if not verify(_load_public_key(key.public_key), signed_text(timestamp, method, path), signature):
            return Denied(401, BAD_SIGNATURE)
        return Caller(key.key_id, key.user_id, key.scopes, key.subaccount)

    def _is_recent(self, timestamp: str, now_ms: int) -> bool:
        if len(timestamp) > _LONGEST_TIMESTAMP or not (timestamp.isascii() and timestamp.isdigit()):
            return False
        return abs(now_ms - int(timestamp)) <= self._window_ms


def signed_path(request: web.Request) -> str:
    """The path of a request as it was sent, which is what its caller signed; with or without its query.

    Proxies may send a whole URL (RFC 9112, 3.2.2), of which nobody signs more than the path.
    """
    target = request.raw_path
    return target if target.startswith("/") else request.rel_url.raw_path


def missing_scope(caller: Caller, scope: str) -> Denied | None:
    """The denial of a caller whose key lacks a scope; None when it has it.

    What an administrator sees and manages is not of one subaccount, so a key that is locked to one cannot use `admin`.
    """
    if scope not in caller.scopes:
        return Denied(403, error_body("forbidden", f"this needs a key with the scope '{scope}'"))
    if scope == "admin" and caller.subaccount is not None:
        message = f"this is out of reach: this key sees subaccount {caller.subaccount} only"
        return Denied(403, error_body("forbidden", message))
    return None


def requires(scope: str) -> Callable[[Handler], Handler]:
    """Lets a handler run only for callers with a scope. The caller is `request[CALLER]`, set by who authenticated."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            denied = missing_scope(request[CALLER], scope)
            return denied.response() if denied else await handler(request)

        return guarded

    return decorate
