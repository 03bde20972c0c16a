"""Counting frames by their headers."""

import asyncio

import pytest

from openpositions.bench.listeners import Listener, Tally
from openpositions.server.socket import encode_header

_HEARTBEAT = b"\x89\x09heartbeat"


class _Wire(asyncio.Transport):
    """A transport that remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: "bytes | bytearray | memoryview[int]") -> None:
        self.written += bytes(data)


def _subscribed(tally: Tally) -> tuple[Listener, _Wire]:
    """A listener after its handshake and the reply to its subscription."""
    listener, wire = Listener(tally, b"GET /"), _Wire()
    listener.connection_made(wire)
    _receive(listener, b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    _receive(listener, _text(b'{"type":"subscribed"}'))
    wire.written = b""
    return listener, wire


def _receive(listener: Listener, piece: bytes) -> None:
    listener.get_buffer(len(piece))[: len(piece)] = piece
    listener.buffer_updated(len(piece))


def _text(payload: bytes) -> bytes:
    return encode_header(len(payload)) + payload


@pytest.mark.parametrize("size", [1, 2, 7, 100, 100_000])
async def test_frames_are_counted_whatever_pieces_they_come_in(size: int) -> None:
    """Five frames of all three header forms, read in pieces of any size, are five."""
    stream = b"".join(_text(bytes(length)) for length in (50, 125, 126, 65_535, 65_536))
    tally = Tally()
    listener, _ = _subscribed(tally)

    for start in range(0, len(stream), size):
        _receive(listener, stream[start : start + size])

    assert tally.frames == 5


async def test_the_reply_to_the_subscription_is_not_counted() -> None:
    """Only what comes after the subscription is traffic."""
    tally = Tally()

    _subscribed(tally)

    assert tally.frames == 0


async def test_a_ping_is_answered() -> None:
    """A listener that did not answer pings would be closed in the middle of a long run."""
    listener, wire = _subscribed(Tally())

    _receive(listener, _HEARTBEAT)

    assert wire.written == b"\x8a\x89\0\0\0\0heartbeat"


async def test_a_refused_socket_is_an_error() -> None:
    """What the service answered instead of 101 is in the error."""
    listener = Listener(Tally(), b"GET /")
    listener.connection_made(_Wire())

    _receive(listener, b"HTTP/1.1 429 Too Many Requests\r\n\r\n")

    with pytest.raises(Exception, match="429"):
        await listener.subscribed
