"""A socket that reads frame by frame."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from openpositions.bench.child import Child
from openpositions.bench.subscriber import Subscriber
from openpositions.errors import ServiceStopped
from openpositions.server.socket import encode_header

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
HEARTBEAT = b"\x89\x09heartbeat"
CLOSED_TOO_SLOW = b"\x88\x02" + (1013).to_bytes(2)


@asynccontextmanager
async def serving(answer: bytes) -> AsyncIterator[tuple[Child, asyncio.Queue[bytes]]]:
    """A server that gives one answer to whoever connects, and what it was sent."""
    received: asyncio.Queue[bytes] = asyncio.Queue()
    is_gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        with suppress(ConnectionError):
            while piece := await reader.read(1 << 16):
                received.put_nowait(piece)
        writer.transport.abort()
        is_gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield Child(0, *server.sockets[0].getsockname()), received
        await is_gone.wait()


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
async def test_frames_of_every_form_are_read(length: int, *, narrow: bool) -> None:
    """Whole, and counted without their headers."""
    async with serving(UPGRADED + encode_header(length) + b"x" * length) as (child, _):
        subscriber = await Subscriber.open(child, b"GET / HTTP/1.1\r\n\r\n", narrow=narrow)
        assert await subscriber.frame() == b"x" * length
        assert subscriber.bytes_read == length
        subscriber.cut()


async def test_a_ping_is_answered_on_the_way_to_a_frame() -> None:
    """With its body, masked as a client must."""
    async with serving(UPGRADED + HEARTBEAT + encode_header(2) + b"{}") as (child, received):
        subscriber = await Subscriber.open(child, b"GET")
        assert await subscriber.frame() == b"{}"
        sent = b""
        while not sent.endswith(b"heartbeat"):
            sent += await received.get()
        assert sent == b"GET" + b"\x8a\x89\0\0\0\0heartbeat"
        subscriber.cut()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 429 Too Many Requests\r\n\r\n", "a socket was refused: .*429"),
        (UPGRADED + CLOSED_TOO_SLOW, "the service closed a socket: 1013"),
    ],
)
async def test_a_service_that_wants_none_of_it_is_an_error(answer: bytes, reason: str) -> None:
    """Which says what it answered, or closed with."""
    async with serving(answer) as (child, _):
        with pytest.raises(ServiceStopped, match=reason):
            await (await Subscriber.open(child, b"GET")).frame()
