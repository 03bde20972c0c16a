"""Keys for the users of a benchmark, and the headers that they sign."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from openpositions.server.keys import KeyStore, NewKey
from openpositions.wire.signing import KEY_HEADER, format_public_key, generate_key, signed_headers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FEEDER = "bench-feeder"

# Well within the 30 s that a service allows a timestamp to be off.
_RENEWED_AFTER_MS = 10_000


class Credentials:
    """A key for the feeder and one for each listening user, stored before the service starts.

    One RSA pair, the type that every public client has, stands behind all key ids. A signature covers time, method and
    path and not the body, so one is good for many requests: the service verifies each, while making them, which costs
    twenty times as much and is the work of other machines, stays out of the measurement.
    """

    def __init__(self, data: Path, users: Iterable[str]) -> None:
        self._private_key = generate_key("rsa")
        public_key = format_public_key(self._private_key.public_key())
        keys = [NewKey(user_id=FEEDER, scopes=frozenset({"ingest"}), public_key=public_key)]
        keys += [NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key) for user in users]
        store = KeyStore(data / "keys.db", _now_ms)
        self._key_ids = {key.user_id: key.key_id for key in store.add_many(keys)}
        store.close()
        self._signed: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}

    def headers(self, user: str, method: str, path: str) -> bytes:
        """The three signed headers of a request, as lines."""
        now_ms = _now_ms()
        signed_ms, headers = self._signed.get((method, path), (0, {}))
        if now_ms - signed_ms > _RENEWED_AFTER_MS:
            headers = signed_headers("", self._private_key, now_ms, method, path)
            self._signed[method, path] = now_ms, headers
        own = headers | {KEY_HEADER: self._key_ids[user]}
        return "".join(f"{name}: {value}\r\n" for name, value in own.items()).encode()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
