"""A store of keys, the keys in it, and routes served to a caller."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.auth import CALLER, Caller
from openpositions.server.keys import Key, KeyStore, NewKey
from openpositions.server.responses import answer_invalid_input
from openpositions.wire.signing import format_public_key

NOW_MS = 1_700_000_000_000

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """An empty store, whose clock stands at NOW_MS."""
    store = KeyStore(tmp_path / "keys.db", lambda: NOW_MS)
    yield store
    store.close()


@pytest.fixture(scope="session")
def public_key(rsa_key: RSAPrivateKey) -> str:
    """The public half of `rsa_key`, as PEM."""
    return format_public_key(rsa_key.public_key())


@pytest.fixture
def alice(keys: KeyStore, public_key: str) -> Key:
    """A stored key of alice with the scope `read`; `rsa_key` signs for it."""
    return keys.add(NewKey(user_id="alice", scopes=frozenset({"read"}), public_key=public_key))


@asynccontextmanager
async def serving(routes: Iterable[web.RouteDef], caller: Caller) -> AsyncIterator[Client]:
    """A client in front of the routes, as if each of its requests had been signed by the caller."""

    @web.middleware
    async def as_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[CALLER] = caller
        return await handler(request)

    app = web.Application(middlewares=[as_caller, answer_invalid_input])
    app.add_routes(routes)
    async with TestClient(TestServer(app)) as client:
        yield client
