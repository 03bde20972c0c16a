"""Ten thousand malformed inputs, in five kinds of two thousand: nobody but their sender notices them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from random import Random

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from psutil import Process

from tests.acceptance import mutations
from tests.acceptance.http import ask, feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import (
    BINARY,
    CLOSE,
    PATH,
    PATIENCE_SECONDS,
    PING,
    PONG,
    TEXT,
    WebSocket,
    connect,
    encode_frame,
)

ROUNDS, LANES, INPUTS_OF_A_LANE = 8, 10, 25
# Objects that refer to each other, as a failed connection leaves them, wait for the collector: until it has come round
# once, memory grows by what does not stay.
WARM_UP_ROUNDS = 4
MEMORY_MARGIN = 24 << 20
INTERNAL_ERROR = 1011

# Whoever got no end by then says that nothing more comes, as the service may well wait for the rest of an input.
HANG_UP_SECONDS = 0.1
LAST_REQUEST = b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LAST_FRAME = encode_frame(b"\x03\xe8", CLOSE)

READS = (
    *(f"/trade-api/v2/portfolio/{rows}" for rows in ("positions", "fills", "settlements", "balance")),
    *("/v1/positions/history", "/v1/entries", "/v1/pnl/history"),
)

Kind = Callable[[Service, Random], Awaitable[None]]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service whose rates are no protection."""
    directory = tmp_path_factory.mktemp("service")
    service = Service(directory, rsa_key, commands_per_second=1_000_000, reads_per_second=1_000_000)
    for user_id in ("alice", "mallory"):
        service.add_key(user_id)
    with service:
        yield service


async def requests(service: Service, rng: Random) -> None:
    """Bytes of any kind where an HTTP request should come."""
    mallory = service.callers["mallory"]
    signed = {path: mallory.headers("GET", path) for path in READS}
    for _ in range(INPUTS_OF_A_LANE):
        path = rng.choice(READS)
        sent = rng.choice((mutations.garbage(rng), mutations.request(rng), mutations.read(rng, path, signed[path])))
        check_statuses(await converse(await open_link(service), sent + LAST_REQUEST), sent)


async def handshakes(service: Service, rng: Random) -> None:
    """Requests for a socket with headers that are not as they should be."""
    signed = service.callers["mallory"].headers("GET", PATH)
    for _ in range(INPUTS_OF_A_LANE):
        sent = mutations.handshake(rng, signed)
        check_statuses(await converse(await open_link(service), sent + LAST_FRAME), sent)


async def bodies(service: Service, rng: Random) -> None:
    """Posts, well signed, of events that are none."""
    async with ClientSession() as session:
        for _ in range(INPUTS_OF_A_LANE):
            sent = mutations.body(rng)
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await ask(service, service.callers["feeder"], "POST", "/v1/events", sent, session=session)
            assert (answer.status, "rejected" in answer.content) == (200, True), (answer, sent)


async def commands(service: Service, rng: Random) -> None:
    """Commands that are none; a good one among them is answered."""
    async with await connect(service, service.callers["mallory"]) as socket:
        for number in range(INPUTS_OF_A_LANE):
            sent = mutations.command(rng)
            await socket.send(sent, TEXT if is_text(sent) else BINARY)
            reply = await socket.text()
            assert b'"code":10,' not in reply, (reply, sent)
            await socket.send(b'{"id":%d,"cmd":"list_subscriptions"}' % (1_000_000 + number))
            while not (await socket.text()).startswith(b'{"id":%d,"type":"ok","msg":[' % (1_000_000 + number)):
                pass


async def frames(service: Service, rng: Random) -> None:
    """Frames that RFC 6455 forbids; the service says so and closes, and never takes the blame."""
    for _ in range(INPUTS_OF_A_LANE):
        sent = mutations.frames(rng)
        link = await connect(service, service.callers["mallory"])
        received = WebSocket(asyncio.StreamReader(), link.writer)
        received.reader.feed_data(await converse(link, sent + LAST_FRAME))
        received.reader.feed_eof()
        with suppress(asyncio.IncompleteReadError):
            while frame := await received.receive():
                assert frame.opcode in {TEXT, PING, PONG, CLOSE}, (frame, sent)
                assert (frame.opcode, frame.payload[:2]) != (CLOSE, INTERNAL_ERROR.to_bytes(2)), (frame, sent)


@pytest.mark.parametrize("kind", [requests, handshakes, bodies, commands, frames])
async def test_malformed_input_harms_nobody(service: Service, kind: Kind) -> None:
    """Each is answered or its connection ends; a subscriber meanwhile gets every fill.

    Afterwards it is the same process, with the memory and the connections that it had, and reports no error of its own.
    """
    process = Process(service.process.pid)
    async with ClientSession() as session, await connect(service, service.callers["alice"]) as alice:
        await alice.subscribe("market_positions")
        await ask(service, None, "GET", "/healthz", session=session)
        connections = len(process.net_connections("tcp"))
        for number in range(WARM_UP_ROUNDS):
            await send_round(service, kind, f"warm-up {number}")
        memory_bytes = service.memory_bytes()
        for number in range(ROUNDS):
            await send_round(service, kind, f"round {number}")
            trade_id = f"{kind.__name__}-{number}"
            await feed(service, fill(trade_id, "alice", trade_id, count="3.00"), session=session)
            msg = (await alice.message())["msg"]
            assert (msg["market_ticker"], msg["position_fp"]) == (trade_id, "3.00")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(process.net_connections("tcp")) > connections:
                await ask(service, None, "GET", "/healthz", session=session)
        assert service.memory_bytes() - memory_bytes < MEMORY_MARGIN
    assert service.process.poll() is None
    assert errors_logged(service) == []


async def test_an_expectation_in_another_encoding_is_417(service: Service) -> None:
    """The value is not quoted, so it need not be UTF-8."""
    request = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: \xdc\r\n\r\n"
    answer = await converse(await open_link(service), request)
    assert answer.startswith(b"HTTP/1.1 417 ")
    assert answer.endswith(
        b'{"error":{"code":"expectation_failed","message":"Expect must be 100-continue, or absent"}}'
    )


async def send_round(service: Service, kind: Kind, seed: str) -> None:
    """Some hundred inputs of a kind, through several connections at a time."""
    lanes = (kind(service, Random(f"{kind.__name__} {seed} {lane}")) for lane in range(LANES))
    await asyncio.gather(*lanes)


async def open_link(service: Service) -> WebSocket:
    """A connection on which nothing was said."""
    return WebSocket(*await asyncio.open_connection(service.host, service.port))


async def converse(link: WebSocket, sent: bytes) -> bytes:
    """All that comes back until the service lets go of the connection. Raises TimeoutError if it does not."""
    async with link:
        link.writer.write(sent)
        rest = asyncio.create_task(link.rest())
        await asyncio.wait([rest], timeout=HANG_UP_SECONDS)
        if not rest.done():
            with suppress(OSError):  # of a connection that the service cut at this very moment
                link.writer.write_eof()
        return await rest


def check_statuses(answer: bytes, sent: bytes) -> None:
    """None of the answers on a connection says that the service failed."""
    statuses = re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", answer)
    assert not [status for status in statuses if status >= b"500"], (answer, sent)


def is_text(payload: bytes) -> bool:
    """Whether a text frame may carry it."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def errors_logged(service: Service) -> list[str]:
    """What the service has logged as its own failure: at error level, or not as a log at all."""
    lines = service.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("{") or json.loads(line)["level"] in {"error", "critical"}]
