"""What the owner of the data directory may ask for over its socket file."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.engine.verification import Verification
from openpositions.server.auth import Caller
from openpositions.server.keys import KeyStore
from openpositions.server.routes import owner_routes
from tests.acceptance.http import ask
from tests.acceptance.service import Service
from tests.server.conftest import Client, serving

OWNER = Caller("control", "", frozenset({"admin"}), None)


async def verify() -> Verification:
    """A verification that found something."""
    return Verification(sequence=7, difference_count=1, differences=["it is wrong"])


@pytest.fixture
async def client(keys: KeyStore) -> AsyncIterator[Client]:
    """The owner's, in front of an empty store."""
    async with serving(owner_routes.routes(keys, verify, 60.0), OWNER) as started:
        yield started


def key(user: str, public_key: str, **more: object) -> dict[str, Any]:
    """One of the keys of an import."""
    return {"user_id": user, "scopes": ["read"], "public_key": public_key, **more}


async def test_keys_are_imported_in_order(client: Client, keys: KeyStore, public_key: str) -> None:
    """Each gets an id."""
    response = await client.post("/v1/keys/import", json=[key("b", public_key), key("a", public_key, subaccount=3)])

    stored = keys.page("", 10)
    assert await response.json() == [{"key_id": one.key_id, "user_id": one.user_id} for one in stored]
    assert [(one.user_id, one.subaccount) for one in stored] == [("b", None), ("a", 3)]


@pytest.mark.parametrize("bad", [{"scopes": []}, {"public_key": "x"}, {"subacount": 3}, {"user_id": 7}])
async def test_no_key_is_imported_when_one_is_bad(
    client: Client, keys: KeyStore, public_key: str, bad: dict[str, Any]
) -> None:
    """The request is refused."""
    response = await client.post("/v1/keys/import", json=[key("b", public_key), key("a", public_key) | bad])

    assert response.status == 400
    assert keys.page("", 10) == []


async def test_verification_is_answered(client: Client) -> None:
    """As it is, differences and all."""
    response = await client.get("/v1/verify")

    assert (await response.json())["differences"] == ["it is wrong"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/verify", 404), ("POST", "/v1/keys/import", 405)])
async def test_network_does_not_get_there(
    tmp_path: Path, rsa_key: RSAPrivateKey, method: str, path: str, status: int
) -> None:
    """Not with any key."""
    service = Service(tmp_path, rsa_key)
    admin = service.add_key("admin", scopes=frozenset({"read", "ingest", "admin"}))
    with service:
        assert (await ask(service, admin, method, path)).status == status
