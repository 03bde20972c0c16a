"""From which web pages browsers may use tickets (protocol, 1)."""

import re
from collections.abc import Iterable
from typing import TypeAlias

from aiohttp import web

from openpositions.errors import Misconfigured

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)

_Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port."""


class Origins:
    """The service's own origin, whatever it is called by, and those on a list.

    A request without an Origin header comes from no browser and is let through: the header protects people whose
    browser was lured to a page, and every browser sends it.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(_parse_allowed(origin) for origin in allowed)

    def allow_request(self, request: web.Request) -> bool:
        """Whether a request may come from the Origin that it names."""
        # Not request.host: where the header is missing it waits for a name server.
        return self.allow(request.headers.get("Origin"), request.scheme, request.headers.get("Host", ""))

    def allow(self, origin: str | None, scheme: str, host: str) -> bool:
        """Whether a request may come from this Origin, when it reached the service by this scheme and Host header."""
        if origin is None:
            return True
        parsed = _parse(origin)
        return parsed is not None and (parsed == _parse(f"{scheme}://{host}") or parsed in self._allowed)


def _parse_allowed(origin: str) -> _Origin:
    parsed = _parse(origin)
    if parsed is None:
        raise Misconfigured(f"allowed origin {origin!r} is not of the form https://example.com or http://host:port")
    return parsed


def _parse(origin: str) -> _Origin | None:
    """An origin in one form, however it was written; None for what is none, such as "null"."""
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        return None
    scheme, host, port = match.groups()
    return scheme.lower(), host.lower(), int(port) if port else _DEFAULT_PORTS[scheme.lower()]
