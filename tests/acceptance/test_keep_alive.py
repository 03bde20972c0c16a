"""How a connection shows that it is alive, and what happens when it does not (protocol, 1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import PING, PONG, Frame, WebSocket, connect

PING_SECONDS, PONG_SECONDS = 0.3, 3.0
INTERNAL_ERROR = 1011


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service in a hurry."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key, ping_seconds=PING_SECONDS, pong_seconds=PONG_SECONDS)
    service.add_key("alice")
    with service:
        yield service


async def test_pings_carry_the_body_heartbeat(service: Service) -> None:
    """The ping of the venue, byte for byte."""
    async with await connect(service, service.callers["alice"]) as socket:
        assert await socket.read(11) == b"\x89\x09heartbeat"


async def test_a_peer_that_answers_no_ping_is_closed_with_1011(service: Service) -> None:
    """The pings go unanswered for longer than is allowed."""
    async with await connect(service, service.callers["alice"]) as socket:
        assert await socket.close_code() == INTERNAL_ERROR


async def test_a_peer_that_answers_pings_stays(service: Service) -> None:
    """It answers for longer than silence is allowed, and is told of a fill after that."""
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.subscribe("market_positions")
        until = asyncio.get_running_loop().time() + 1.5 * PONG_SECONDS
        while asyncio.get_running_loop().time() < until:
            frame = await socket.receive()
            assert frame == Frame(PING, b"heartbeat")
            await socket.send(frame.payload, PONG)
        await feed(service, fill("alive-1", "alice", "ALIVE"))
        assert (await socket.message())["msg"]["market_ticker"] == "ALIVE"


async def test_a_ping_of_the_peer_gets_a_pong_with_its_body(service: Service) -> None:
    """Whatever the body is."""
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.send(b"are you there?", PING)
        assert await pong(socket) == b"are you there?"


async def pong(socket: WebSocket) -> bytes:
    """The body of the next pong; pings before it are passed over."""
    while (frame := await socket.receive()).opcode != PONG:
        assert frame.opcode == PING, frame
    return frame.payload
