"""Services of every kind that the library works with: the same tests run against each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.server.keys import KeyStore, NewKey
from openpositions.wire.signing import format_public_key, load_private_key
from tests.acceptance.service import Caller, Service, now_ms
from tests.client.account import Account
from tests.client.proxy import Proxy

KINDS: dict[str, dict[str, object]] = {
    "full": {},
    "plain-2025": {"plain": True, "wire": "2025"},
    "plain-2026": {"plain": True, "wire": "2026"},
}
USERS = [f"user{number}" for number in range(200)]


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """What the service knows: all of the protocol, or only what the venue did in one of its dialects."""
    return str(request.param)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Callable[[str], Service]]:
    """One service of each kind for all tests, started when it is first needed."""
    started: dict[str, Service] = {}
    with ExitStack() as stack:

        def running(kind: str) -> Service:
            if kind not in started:
                started[kind] = Service(tmp_path_factory.mktemp(kind), rsa_key, **KINDS[kind])
                add_keys(started[kind])
                stack.enter_context(started[kind])
            return started[kind]

        yield running


def add_keys(service: Service) -> None:
    """A key for each of the users, in one commit."""
    private_key = load_private_key(service.key_file.read_bytes())
    public_key = format_public_key(private_key.public_key())
    store = KeyStore(service.data / "keys.db", now_ms)
    keys = store.add_many([NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key) for user in USERS])
    store.close()
    service.callers |= {key.user_id: Caller(key.user_id, key.key_id, private_key) for key in keys}


@pytest.fixture
def service(services: Callable[[str], Service], kind: str) -> Service:
    """A running service of a kind."""
    service = services(kind)
    if service.process.poll() is not None:  # a test failed after it had killed it
        service.start()
    return service


_unused = {kind: iter(USERS) for kind in KINDS}


@pytest.fixture
def user(kind: str) -> str:
    """Somebody with a key on that service, whom no other test has used."""
    return next(_unused[kind])


@pytest.fixture
def account(service: Service, user: str) -> Account:
    """That user, who can trade."""
    return Account(service, user)


@pytest.fixture
async def proxy(service: Service) -> AsyncIterator[Proxy]:
    """A network between the user and the service."""
    async with Proxy(service) as proxy:
        yield proxy


@pytest.fixture
async def connect(service: Service, user: str) -> AsyncIterator[Callable[..., Client]]:
    """Makes clients for the user, which are closed at the end."""
    clients: list[Client] = []

    def connect(url: str | None = None, **options: Any) -> Client:  # noqa: ANN401 - whatever a client takes
        key_id = service.callers[user].key_id
        clients.append(Client(url or service.url, key_id, service.key_file, **options))
        return clients[-1]

    yield connect
    for client in clients:
        await client.close()
