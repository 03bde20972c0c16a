"""`/v1/keys` over HTTP, as an administrator uses it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from openpositions.server.auth import Authenticator, Caller
from openpositions.server.keys import Key, KeyStore, NewKey
from openpositions.server.routes import key_routes
from openpositions.wire.signing import load_private_key, sign, signed_text
from tests.server.conftest import NOW_MS, Client, serving


@pytest.fixture
async def client(keys: KeyStore, alice: Key) -> AsyncIterator[Client]:
    """An administrator's, in front of a store that holds alice's key."""
    administrator = Caller(alice.key_id, "alice", frozenset({"admin"}), None)
    async with serving(key_routes.routes(keys, 60.0), administrator) as started:
        yield started


async def test_keys_are_listed_without_their_public_half(client: Client, alice: Key) -> None:
    """Who, what, since when, until when."""
    response = await client.get("/v1/keys")

    assert response.status == 200
    assert await response.text() == (
        f'{{"cursor":"","keys":[{{"key_id":"{alice.key_id}","user_id":"alice","scopes":["read"],"subaccount":null,'
        f'"created_ts_ms":1700000000000,"revoked_ts_ms":null}}]}}'
    )


async def test_cursor_goes_through_all_keys(client: Client, keys: KeyStore, public_key: str) -> None:
    """Pages of 2 over 4 keys: the second is the last, and its cursor is empty."""
    keys.add_many([NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key) for user in "bcd"])

    first = await (await client.get("/v1/keys?limit=2")).json()
    second = await (await client.get("/v1/keys", params={"limit": "2", "cursor": first["cursor"]})).json()

    assert [key["user_id"] for key in first["keys"] + second["keys"]] == ["alice", "b", "c", "d"]
    assert second["cursor"] == ""


@pytest.mark.parametrize("limit", ["0", "1001", "00001", "-1", "x", "1.5", "\u0663", "9" * 5000])
async def test_limit_out_of_range_is_named(client: Client, limit: str) -> None:
    """By a 400, not by a page of some other size."""
    response = await client.get("/v1/keys", params={"limit": limit})

    assert response.status == 400
    error = (await response.json())["error"]
    assert error["code"] == "invalid_parameter"
    assert error["message"].startswith("limit must be an integer from 1 to 1000, not ")


async def test_unknown_cursor_is_named(client: Client) -> None:
    """It does not start over."""
    response = await client.get("/v1/keys?cursor=x")

    assert response.status == 400
    assert await response.text() == (
        '{"error":{"code":"invalid_parameter","message":"cursor must be one that this read answered with, not \'x\'"}}'
    )


@pytest.mark.parametrize("key_type", ["rsa", "ed25519", None])
async def test_made_key_signs(client: Client, keys: KeyStore, key_type: str | None) -> None:
    """The private half that the answer holds opens the service for its user."""
    wanted: dict[str, Any] = {"user_id": "bob", "scopes": ["read", "ingest"], "subaccount": 7, "type": key_type}
    made = await (await client.post("/v1/keys", json=wanted)).json()
    headers = {
        "KALSHI-ACCESS-KEY": made["key_id"],
        "KALSHI-ACCESS-TIMESTAMP": str(NOW_MS),
        "KALSHI-ACCESS-SIGNATURE": sign(
            load_private_key(made["private_key"]), signed_text(str(NOW_MS), "GET", "/v1/keys")
        ),
    }

    caller = Authenticator(keys, 30_000).authenticate(headers, "GET", "/v1/keys", NOW_MS)

    assert caller == Caller(made["key_id"], "bob", frozenset({"read", "ingest"}), 7)


async def test_private_half_is_answered_once(client: Client) -> None:
    """It is not stored, so no list can show it."""
    await client.post("/v1/keys", json={"user_id": "bob", "scopes": ["read"], "type": "ed25519"})

    assert "PRIVATE" not in await (await client.get("/v1/keys")).text()


async def test_given_public_key_is_stored(client: Client, keys: KeyStore, public_key: str) -> None:
    """The user keeps the private half, and the answer has none."""
    wanted = {"user_id": "bob", "scopes": ["read"], "public_key": public_key}

    response = await client.post("/v1/keys", json=wanted)

    made = await response.json()
    assert response.status == 200
    assert "private_key" not in made
    stored = keys.get(made["key_id"])
    assert stored is not None
    assert (stored.user_id, stored.public_key) == ("bob", public_key)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"", "invalid_body", "the body is not the JSON of a key"),
        (b"\xff", "invalid_body", "the body is not the JSON of a key"),
        (b'{"user_id":"\xff","scopes":["read"]}', "invalid_body", "the body is not the JSON of a key"),
        (b'{"scopes":["read"]}', "invalid_body", "missing required field `user_id`"),
        (b'{"user_id":"bob","scopes":["read"],"sub_account":7}', "invalid_body", "unknown field `sub_account`"),
        (b'{"user_id":"bob","scopes":["read"],"type":"dsa"}', "invalid_body", "Invalid enum value 'dsa'"),
        (b'{"user_id":"b b","scopes":["read"],"type":"ed25519"}', "invalid_user_id", "without spaces"),
        (b'{"user_id":"bob","scopes":["all"],"type":"ed25519"}', "invalid_scopes", "read, ingest, admin"),
        (b'{"user_id":"bob","scopes":["read"],"type":"ed25519","subaccount":-1}', "invalid_subaccount", "0 to"),
        (b'{"user_id":"bob","scopes":["admin"],"subaccount":3}', "invalid_scopes", "do not go with subaccount 3: "),
        (b'{"user_id":"bob","scopes":["read"],"public_key":"x"}', "invalid_public_key", "PEM form"),
        (b'{"user_id":"bob","scopes":["read"],"public_key":"x","type":"rsa"}', "invalid_type", "leave it out"),
    ],
)
async def test_bad_wish_is_named(client: Client, keys: KeyStore, body: bytes, code: str, message: str) -> None:
    """A 400 that says which field is wrong; and no key is made."""
    response = await client.post("/v1/keys", data=body)

    assert response.status == 400
    error = (await response.json())["error"]
    assert error["code"] == code
    assert message in error["message"]
    assert [key.user_id for key in keys.page("", 10)] == ["alice"]


async def test_deleted_key_is_revoked(client: Client, keys: KeyStore, alice: Key) -> None:
    """A repeat is answered alike."""
    for _ in range(2):
        response = await client.delete(f"/v1/keys/{alice.key_id}")

        assert response.status == 200
        assert await response.text() == f'{{"key_id":"{alice.key_id}"}}'
    assert [key.is_good for key in keys.page("", 10)] == [False]


async def test_deleting_an_unknown_key_is_404(client: Client) -> None:
    """Somebody mistyped an id."""
    response = await client.delete("/v1/keys/x")

    assert response.status == 404
    assert await response.text() == '{"error":{"code":"not_found","message":"there is no key \'x\'"}}'


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/x")])
async def test_keys_are_for_administrators(keys: KeyStore, alice: Key, method: str, path: str) -> None:
    """No other scope stands for `admin`."""
    caller = Caller(alice.key_id, "alice", frozenset({"read", "ingest"}), None)

    async with serving(key_routes.routes(keys, 60.0), caller) as client:
        response = await client.request(method, path)

        assert response.status == 403
        assert await response.text() == (
            '{"error":{"code":"forbidden","message":"this needs a key with the scope \'admin\'"}}'
        )
