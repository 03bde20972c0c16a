"""Keys of the users of a sandbox. Making an RSA pair takes some 0.1 s: pairs are made once and used by every test."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from openpositions.server.keys import NewKey
from openpositions.testing.arguments import check_key
from openpositions.wire.paths import SOCKET_PATH
from openpositions.wire.signing import (
    KeyType,
    PrivateKey,
    format_private_key,
    format_public_key,
    generate_key,
    signed_headers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from openpositions.server.keys import KeyStore


class _Pair(NamedTuple):
    private_key: PrivateKey
    private_pem: str
    public_pem: str


_pairs: dict[tuple[KeyType, int], _Pair] = {}
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class UserKey:
    """A key of a user: what a client signs with."""

    user_id: str
    key_id: str
    private_key: str = field(repr=False)
    """PEM text."""
    private_key_file: Path
    """The same in a file, for clients that read one. It goes away with the sandbox."""
    _signer: PrivateKey = field(repr=False)

    def headers(self, method: str = "GET", path: str = SOCKET_PATH, *, ts_ms: int | None = None) -> dict[str, str]:
        """The three headers that sign a request; without arguments those of the handshake, made now."""
        timestamp_ms = time.time_ns() // 1_000_000 if ts_ms is None else ts_ms
        return signed_headers(self.key_id, self._signer, timestamp_ms, method, path)


class KeyRing:
    """The keys of one sandbox: each user gets a new key id, and of a process's pairs one that no other key here has."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[tuple[object, ...], UserKey] = {}
        self._asking = threading.Lock()

    def get(
        self, store: KeyStore, user_id: str, scopes: Iterable[str], subaccount: int | None, key_type: KeyType
    ) -> UserKey:
        """The key of a user with these rights; it is made and stored the first time. Raises InvalidInput."""
        named = check_key(user_id, scopes, subaccount, key_type)
        wanted = (user_id, named, subaccount, key_type)
        with self._asking:
            if wanted not in self._keys:
                self._keys[wanted] = self._make(store, user_id, named, subaccount, key_type)
            return self._keys[wanted]

    def _make(
        self, store: KeyStore, user_id: str, scopes: frozenset[str], subaccount: int | None, key_type: KeyType
    ) -> UserKey:
        number = len(self._keys)
        pair = _pair(key_type, number)
        key = store.add(NewKey(user_id=user_id, scopes=scopes, public_key=pair.public_pem, subaccount=subaccount))
        file = self._directory / f"key-{number + 1}.pem"
        file.touch(mode=0o600)
        file.write_text(pair.private_pem, encoding="ascii")
        return UserKey(user_id, key.key_id, pair.private_pem, file, pair.private_key)


def _pair(key_type: KeyType, number: int) -> _Pair:
    with _making:
        if (key_type, number) not in _pairs:
            private_key = generate_key(key_type)
            _pairs[key_type, number] = _Pair(
                private_key, format_private_key(private_key), format_public_key(private_key.public_key())
            )
        return _pairs[key_type, number]
