"""How requests are refused: status and body, byte for byte where the venue has a shape (protocol, 1 and 4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import sign, signed_text
from tests.acceptance.http import Answer, ask
from tests.acceptance.service import Caller, Service, now_ms
from tests.acceptance.websocket import PATH, PATIENCE_SECONDS, Refused, connect

POSITIONS = "/trade-api/v2/portfolio/positions"
READS_PER_SECOND = 20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service that takes few reads and short bodies."""
    service = Service(
        tmp_path_factory.mktemp("service"),
        rsa_key,
        reads_per_second=READS_PER_SECOND,
        body_bytes=10_000,
        request_seconds=1.0,
    )
    for user_id in ("alice", "bob", "carol"):
        service.add_key(user_id)
    with service:
        yield service


@pytest.fixture
def alice(service: Service) -> Caller:
    """Somebody who may read."""
    return service.callers["alice"]


UNSIGNED = b'{"error":{"code":"signature_is_missing_from_headers","message":"signature is missing from headers"}}'
EXPIRED = b'{"error":{"code":"header_timestamp_expired","message":"header timestamp expired"}}'
UNKNOWN = b'{"error":{"code":"authentication_error","message":"authentication_error","details":"NOT_FOUND"}}'
WRONG = (
    b'{"error":{"code":"authentication_error","message":"authentication_error",'
    b'"details":"INCORRECT_API_KEY_SIGNATURE"}}'
)


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({"KALSHI-ACCESS-SIGNATURE": ""}, UNSIGNED),
        ({"KALSHI-ACCESS-SIGNATURE": "bm9uc2Vuc2U="}, WRONG),
        ({"KALSHI-ACCESS-KEY": "00000000-0000-0000-0000-000000000000"}, UNKNOWN),
        ({"KALSHI-ACCESS-TIMESTAMP": "yesterday"}, EXPIRED),
    ],
    ids=["no signature", "another signature", "another key", "no number as timestamp"],
)
async def test_who_is_not_known_gets_neither_socket_nor_read(
    service: Service, alice: Caller, changed: dict[str, str], body: bytes
) -> None:
    """401, in the venue's words, before any upgrade."""
    with pytest.raises(Refused) as refusal:
        await connect(service, alice, headers=changed)
    assert (refusal.value.status, refusal.value.body) == (401, body)

    answer = await ask(service, alice, "GET", POSITIONS, headers=changed)
    assert (answer.status, answer.body) == (401, body)


async def test_a_timestamp_31_seconds_off_has_expired(service: Service, alice: Caller) -> None:
    """However well it is signed."""
    timestamp = str(now_ms() - 31_000)
    signature = sign(alice.private_key, signed_text(timestamp, "GET", PATH))
    with pytest.raises(Refused) as refusal:
        await connect(
            service, alice, headers={"KALSHI-ACCESS-TIMESTAMP": timestamp, "KALSHI-ACCESS-SIGNATURE": signature}
        )
    assert (refusal.value.status, refusal.value.body) == (401, EXPIRED)


async def test_a_key_without_the_scope_is_forbidden(service: Service, alice: Caller) -> None:
    """A reader posts no events, a feeder opens no socket."""
    needs_ingest = await ask(service, alice, "POST", "/v1/events", b"")
    assert (needs_ingest.status, needs_ingest.body) == (
        403,
        b'{"error":{"code":"forbidden","message":"this needs a key with the scope \'ingest\'"}}',
    )
    with pytest.raises(Refused) as refusal:
        await connect(service, service.callers["feeder"])
    assert (refusal.value.status, refusal.value.body) == (
        403,
        b'{"error":{"code":"forbidden","message":"this needs a key with the scope \'read\'"}}',
    )


async def test_a_path_that_does_not_exist_is_404(service: Service, alice: Caller) -> None:
    """Said in JSON."""
    answer = await ask(service, alice, "GET", "/trade-api/v2/portfolio/orders")
    assert (answer.status, answer.content["error"]["code"]) == (404, "not_found")


async def test_a_method_that_a_path_does_not_take_is_405(service: Service, alice: Caller) -> None:
    """With the methods that it does take."""
    answer = await ask(service, alice, "DELETE", POSITIONS)
    assert (answer.status, answer.content["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET,HEAD"


async def test_a_socket_path_without_an_upgrade_is_400(service: Service, alice: Caller) -> None:
    """A plain GET is told what is missing."""
    answer = await ask(service, alice, "GET", PATH)
    assert (answer.status, answer.content["error"]["code"]) == (400, "upgrade_required")


async def test_an_unknown_dialect_is_400(service: Service, alice: Caller) -> None:
    """And is named."""
    with pytest.raises(Refused) as refusal:
        await connect(service, alice, "?wire=2024")
    assert (refusal.value.status, refusal.value.body) == (
        400,
        b'{"error":{"code":"invalid_parameter","message":"wire must be 2025, 2026 or both, not \'2024\'"}}',
    )


async def test_subprotocols_of_a_handshake_are_not_logged(service: Service, alice: Caller) -> None:
    """Programs in browsers put tokens there, for want of another header. None is spoken, and that is no refusal."""
    async with await connect(service, alice, headers={"Sec-WebSocket-Protocol": "bearer, s3cret"}):
        assert "s3cret" not in service.log.read_text(encoding="utf-8")


async def test_a_bad_parameter_is_400_and_named(service: Service, alice: Caller) -> None:
    """With what is allowed."""
    answer = await ask(service, alice, "GET", POSITIONS, limit="many")
    assert (answer.status, answer.content["error"]["code"]) == (400, "invalid_parameter")
    assert "limit" in answer.content["error"]["message"]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_long_is_413(service: Service, *, chunked: bool) -> None:
    """Whether its length was announced or not."""
    answer = await post_events(service, b" " * 10_001, chunked=chunked)
    assert (answer.status, answer.content["error"]["code"]) == (413, "content_too_large")


async def test_a_compressed_body_is_415(service: Service) -> None:
    """A small body must not become a large one."""
    answer = await post_events(service, b"", headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.content["error"]["code"]) == (415, "unsupported_media_type")


async def test_a_body_that_does_not_come_is_408(service: Service) -> None:
    """After the time that it has."""
    feeder = service.callers["feeder"]
    reader, writer = await asyncio.open_connection(service.host, service.port)
    signed = "".join(f"{name}: {value}\r\n" for name, value in feeder.headers("POST", "/v1/events").items())
    writer.write(f"POST /v1/events HTTP/1.1\r\nHost: x\r\n{signed}Content-Length: 9000\r\n\r\nonly this".encode())
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost"], ids=["nothing", "half a request"])
async def test_a_request_that_does_not_come_closes_the_connection(service: Service, sent: bytes) -> None:
    """After the time that it has."""
    reader, writer = await asyncio.open_connection(service.host, service.port)
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"GET /healthz?limit=\xd9\xa3 HTTP/1.1\r\nHost: x\r\n\r\n", "Invalid char in url query"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", "Missing 'Host' header in request."),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "Got more than 8190 bytes when reading"),
    ],
    ids=["not ASCII", "no host", "too long"],
)
async def test_what_is_no_request_is_400_in_json(service: Service, head: bytes, reason: str) -> None:
    """Without a word of what came. The connection is closed, because where the next one begins nobody knows."""
    reader, writer = await asyncio.open_connection(service.host, service.port)
    writer.write(head)
    async with asyncio.timeout(PATIENCE_SECONDS):
        status, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b" 400 Bad Request\r\nContent-Type: application/json" in status
    assert json.loads(body) == {"error": {"code": "bad_request", "message": reason}}


async def test_more_reads_than_the_rate_allows_are_429(service: Service) -> None:
    """In the venue's words, and only for the user who asked too often."""
    async with ClientSession() as session:
        answers = [
            await ask(service, service.callers["bob"], "GET", POSITIONS, session=session)
            for _ in range(3 * READS_PER_SECOND)
        ]
    refused = [answer.body for answer in answers if answer.status != 200]
    assert set(refused) == {b'{"error":"too many requests"}'}
    assert (await ask(service, service.callers["carol"], "GET", POSITIONS)).status == 200


async def post_events(
    service: Service, body: bytes, *, chunked: bool = False, headers: dict[str, str] | None = None
) -> Answer:
    """A body of events in a form that is not taken."""
    signed = service.callers["feeder"].headers("POST", "/v1/events")
    async with (
        ClientSession() as session,
        session.post(
            service.url + "/v1/events", data=body, chunked=chunked or None, headers={**signed, **(headers or {})}
        ) as response,
    ):
        return Answer(response.status, response.headers, await response.read())
