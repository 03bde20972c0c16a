"""Who is let in, and what the others are told: the bodies are the venue's, byte for byte."""

from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.auth import CALLER, Authenticator, Caller, Denied, missing_scope, requires
from openpositions.server.keys import Key, KeyStore, NewKey
from openpositions.wire.signing import PrivateKey, format_public_key, generate_key, sign, signed_text
from tests.server.conftest import NOW_MS

PATH = "/trade-api/ws/v2"

BAD_SIGNATURE = Denied(
    401,
    b'{"error":{"code":"authentication_error","message":"authentication_error",'
    b'"details":"INCORRECT_API_KEY_SIGNATURE"}}',
)
UNKNOWN_KEY = Denied(
    401, b'{"error":{"code":"authentication_error","message":"authentication_error","details":"NOT_FOUND"}}'
)
MISSING_SIGNATURE = Denied(
    401, b'{"error":{"code":"signature_is_missing_from_headers","message":"signature is missing from headers"}}'
)
TIMESTAMP_EXPIRED = Denied(401, b'{"error":{"code":"header_timestamp_expired","message":"header timestamp expired"}}')


def headers_of(
    key_id: str, private_key: PrivateKey, timestamp: str = str(NOW_MS), method: str = "GET", path: str = PATH
) -> dict[str, str]:
    """The three headers of a signed request, as clients write them."""
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": timestamp,
        "KALSHI-ACCESS-SIGNATURE": sign(private_key, signed_text(timestamp, method, path)),
    }


@pytest.fixture
def authenticator(keys: KeyStore) -> Authenticator:
    """With a window of 30 s."""
    return Authenticator(keys, 30_000)


def test_signed_request_is_its_users(authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey) -> None:
    """The caller is what the key says."""
    caller = authenticator.authenticate(headers_of(alice.key_id, rsa_key), "GET", PATH, NOW_MS)

    assert caller == Caller(alice.key_id, "alice", frozenset({"read"}), None)


def test_locked_ed25519_key_is_its_users(keys: KeyStore, authenticator: Authenticator) -> None:
    """The other type of key, and the one subaccount that it sees."""
    private_key = generate_key("ed25519")
    public_key = format_public_key(private_key.public_key())
    key = keys.add(NewKey(user_id="bob", scopes=frozenset({"ingest"}), public_key=public_key, subaccount=7))

    caller = authenticator.authenticate(headers_of(key.key_id, private_key), "GET", PATH, NOW_MS)

    assert caller == Caller(key.key_id, "bob", frozenset({"ingest"}), 7)


@pytest.mark.parametrize("written", [str.lower, str.title, str.upper])
def test_header_names_are_read_in_any_case(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, written: Callable[[str], str]
) -> None:
    """Proxies and HTTP/2 write them small."""
    headers = {written(name): value for name, value in headers_of(alice.key_id, rsa_key).items()}

    assert isinstance(authenticator.authenticate(headers, "GET", PATH, NOW_MS), Caller)


def test_query_is_not_signed(authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey) -> None:
    """A client signs the path and asks for more."""
    headers = headers_of(alice.key_id, rsa_key)

    assert isinstance(authenticator.authenticate(headers, "GET", f"{PATH}?wire=2025", NOW_MS), Caller)


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", "/trade-api/v2/portfolio/positions")])
def test_signature_for_another_request_is_refused(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, method: str, path: str
) -> None:
    """Another method, another path."""
    headers = headers_of(alice.key_id, rsa_key, method=method, path=path)

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == BAD_SIGNATURE


def test_timestamp_that_was_not_signed_is_refused(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey
) -> None:
    """An old signature cannot be dressed up as a new one."""
    headers = headers_of(alice.key_id, rsa_key) | {"KALSHI-ACCESS-TIMESTAMP": str(NOW_MS + 1)}

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == BAD_SIGNATURE


def test_signature_of_another_key_is_refused(
    authenticator: Authenticator, alice: Key, other_rsa_key: RSAPrivateKey
) -> None:
    """Knowing somebody's key id is not enough."""
    headers = headers_of(alice.key_id, other_rsa_key)

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == BAD_SIGNATURE


def test_signature_that_is_no_base64_is_refused(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey
) -> None:
    """It is a bad signature like any other."""
    headers = headers_of(alice.key_id, rsa_key) | {"KALSHI-ACCESS-SIGNATURE": "\udce9?"}

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == BAD_SIGNATURE


@pytest.mark.parametrize("key_id", ["", "00000000-0000-4000-8000-000000000000", "\udce9", "x" * 8000])
def test_unknown_key_is_not_found(authenticator: Authenticator, rsa_key: RSAPrivateKey, key_id: str) -> None:
    """Whatever stands in the header, nothing included."""
    assert authenticator.authenticate(headers_of(key_id, rsa_key), "GET", PATH, NOW_MS) == UNKNOWN_KEY


def test_revoked_key_is_not_found(
    keys: KeyStore, authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey
) -> None:
    """From the moment that the revocation returned, although the key was just used."""
    headers = headers_of(alice.key_id, rsa_key)
    assert isinstance(authenticator.authenticate(headers, "GET", PATH, NOW_MS), Caller)
    keys.revoke(alice.key_id)

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == UNKNOWN_KEY


@pytest.mark.parametrize(
    ("missing", "denied"),
    [
        ("KALSHI-ACCESS-SIGNATURE", MISSING_SIGNATURE),
        ("KALSHI-ACCESS-TIMESTAMP", TIMESTAMP_EXPIRED),
        ("KALSHI-ACCESS-KEY", UNKNOWN_KEY),
    ],
)
def test_missing_header_is_refused(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, missing: str, denied: Denied
) -> None:
    """By the venue's shape for it, or the closest one that it has. An empty header is a missing one."""
    headers = headers_of(alice.key_id, rsa_key)

    assert authenticator.authenticate(headers | {missing: ""}, "GET", PATH, NOW_MS) == denied
    del headers[missing]
    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == denied


def test_request_without_any_header_misses_its_signature(authenticator: Authenticator) -> None:
    """The first thing to say to somebody who does not know that requests are signed."""
    assert authenticator.authenticate({}, "GET", PATH, NOW_MS) == MISSING_SIGNATURE


@pytest.mark.parametrize("off_ms", [-30_000, 30_000])
def test_timestamp_30_seconds_off_is_taken(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, off_ms: int
) -> None:
    """The window includes its ends."""
    headers = headers_of(alice.key_id, rsa_key, timestamp=str(NOW_MS + off_ms))

    assert isinstance(authenticator.authenticate(headers, "GET", PATH, NOW_MS), Caller)


@pytest.mark.parametrize("off_ms", [-30_001, 30_001, -NOW_MS])
def test_timestamp_further_off_has_expired(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, off_ms: int
) -> None:
    """A clock that is ahead is as wrong as one that is behind."""
    headers = headers_of(alice.key_id, rsa_key, timestamp=str(NOW_MS + off_ms))

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == TIMESTAMP_EXPIRED


def test_window_can_be_set(keys: KeyStore, alice: Key, rsa_key: RSAPrivateKey) -> None:
    """For test benches whose clocks are poor."""
    headers = headers_of(alice.key_id, rsa_key, timestamp=str(NOW_MS - 60_000))

    caller = Authenticator(keys, 60_000).authenticate(headers, "GET", PATH, NOW_MS)

    assert isinstance(caller, Caller)


@pytest.mark.parametrize(
    "timestamp", ["now", "-1", "+1", "1.7e12", f"{NOW_MS}.0", f" {NOW_MS}", "\u0661" * 13, "9" * 5000, "1_700"]
)
def test_malformed_timestamp_has_expired(
    authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey, timestamp: str
) -> None:
    """Only decimal milliseconds are a time."""
    headers = headers_of(alice.key_id, rsa_key, timestamp=timestamp)

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == TIMESTAMP_EXPIRED


def test_timestamp_in_seconds_has_expired(authenticator: Authenticator, alice: Key, rsa_key: RSAPrivateKey) -> None:
    """The commonest mistake of a first client."""
    headers = headers_of(alice.key_id, rsa_key, timestamp=str(NOW_MS // 1000))

    assert authenticator.authenticate(headers, "GET", PATH, NOW_MS) == TIMESTAMP_EXPIRED


def test_denial_is_answered_as_json() -> None:
    """With its status and its body."""
    response = TIMESTAMP_EXPIRED.response()

    assert (response.status, response.content_type, response.body) == (
        401, "application/json", TIMESTAMP_EXPIRED.body,
    )  # fmt: skip


def caller_with(*scopes: str) -> Caller:
    """A caller whose key has these scopes."""
    return Caller("00000000-0000-4000-8000-000000000000", "alice", frozenset(scopes), None)


def test_caller_with_the_scope_misses_nothing() -> None:
    """Other scopes do not matter."""
    assert missing_scope(caller_with("read", "ingest"), "ingest") is None


def test_caller_without_the_scope_is_told_which_one() -> None:
    """Not even `admin` stands for another scope."""
    assert missing_scope(caller_with("read", "admin"), "ingest") == Denied(
        403, b'{"error":{"code":"forbidden","message":"this needs a key with the scope \'ingest\'"}}'
    )


async def test_guarded_handler_runs_for_callers_with_the_scope_only() -> None:
    """The others get the denial instead."""

    @requires("admin")
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="secret")

    request = make_mocked_request("GET", "/")
    request[CALLER] = caller_with("admin")
    assert (await handler(request)).status == 200
    request[CALLER] = caller_with("read", "ingest")
    assert (await handler(request)).status == 403
