"""Sockets that only count the frames that come, so cheaply that the counting is not what is measured."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, cast

from openpositions.errors import ServiceStopped
from openpositions.wire.paths import SOCKET_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.bench.child import Child
    from openpositions.bench.credentials import Credentials

UPGRADE = (
    b"GET %b HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%b\r\n"
)
_SUBSCRIBE = b'{"id":1,"cmd":"subscribe","params":{"channels":["market_positions"]}}'

_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_LENGTH_16 = 126
_LONGEST_HEADER = 10
_NO_MASK = bytes(4)  # a client must mask; a mask of zeros leaves the bytes as they are

# A stream that was cut off or conflated never reaches its number of frames: it is over when it was silent so long.
_SILENCE_SECONDS = 3.0
_OPENING_AT_ONCE = 32


class Tally:
    """What all listeners of a benchmark received, added up."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.last_at = time.perf_counter()
        """When the last frame came."""
        self.broken: str | None = None
        self._awaited = 0
        self._reached = asyncio.Event()

    def take(self, frames: int, size: int) -> None:
        """Counts one piece."""
        self.frames += frames
        self.bytes += size
        self.last_at = time.perf_counter()
        if self.frames >= self._awaited:
            self._reached.set()

    async def until(self, frames: int) -> None:
        """Waits until this many frames came in all, or until nothing comes any more."""
        self._awaited = frames
        self._reached.clear()
        while self.frames < frames:
            if self.broken:
                raise ServiceStopped(self.broken)
            silent = time.perf_counter() - self.last_at
            if silent >= _SILENCE_SECONDS:
                return
            try:
                async with asyncio.timeout(_SILENCE_SECONDS - silent):
                    await self._reached.wait()
            except TimeoutError:
                continue


class Listener(asyncio.BufferedProtocol):
    """One subscribed socket. It reads frame headers and skips what they announce."""

    # One buffer for all: what is read into it is counted before the next read.
    _shared: Final = bytearray(256 * 1024)

    def __init__(self, tally: Tally, upgrade: bytes) -> None:
        self._tally = tally
        self._upgrade = upgrade
        self._handshake = bytearray()
        self._upgraded = False
        self._skip = 0
        """Bytes of the last frame that are still to come."""
        self._partial = b""
        """The beginning of a header whose rest is still to come."""
        self._closing = False
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_frames: Callable[[int], None] | None = None
        """Called with the number of frames that a read brought."""

    def send(self, text: bytes) -> None:
        """Sends a short text frame."""
        self._send(_TEXT, text)

    def close(self) -> asyncio.Future[None]:
        """Says that it leaves; done when the service has ended the connection."""
        self._closing = True
        self._send(_CLOSE, b"")
        return self._ended

    def cut(self) -> None:
        """Ends the connection without a word."""
        self._closing = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._upgrade)

    def connection_lost(self, error: Exception | None) -> None:
        """A socket that ends before its time breaks the measurement."""
        self._ended.set_result(None)
        if not self._closing:
            self._fail(f"the service closed a listening socket: {error}")

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - the name is asyncio's
        """Where the next read goes."""
        return self._shared

    def buffer_updated(self, nbytes: int) -> None:
        """Counts what was read."""
        if not self._upgraded:
            self._take_handshake(bytes(self._shared[:nbytes]))
            return
        if self._partial:
            piece = self._partial + self._shared[:nbytes]
            self._partial = b""
            frames = self._count_frames(piece, len(piece))
        else:
            frames = self._count_frames(self._shared, nbytes)
        if not self.subscribed.done():
            if frames:
                self.subscribed.set_result(None)
            return
        self._tally.take(frames, nbytes)
        if self.on_frames is not None and frames:
            self.on_frames(frames)

    def _count_frames(self, piece: bytes | bytearray, size: int) -> int:
        """The text frames that begin in a piece. A ping is answered."""
        frames = 0
        at = self._skip
        while at < size:
            if size - at < _LONGEST_HEADER:
                self._partial = bytes(piece[at:size])
                at = size
                break
            opcode, length = piece[at], piece[at + 1]
            if opcode == _TEXT:
                frames += 1
            elif opcode == _PING:
                self._send(_PONG, b"heartbeat")
            if length < _LENGTH_16:
                at += 2 + length
            elif length == _LENGTH_16:
                at += 4 + (piece[at + 2] << 8 | piece[at + 3])
            else:
                at += _LONGEST_HEADER + int.from_bytes(piece[at + 2 : at + _LONGEST_HEADER], "big")
        self._skip = at - size
        return frames

    def _take_handshake(self, received: bytes) -> None:
        self._handshake += received
        if b"\r\n\r\n" in self._handshake:
            if self._handshake.startswith(b"HTTP/1.1 101"):
                self._upgraded = True
                self.send(_SUBSCRIBE)
            else:
                self._fail(f"a socket was refused: {bytes(self._handshake)!r}")

    def _send(self, opcode: int, payload: bytes) -> None:
        self._transport.write(bytes((opcode, 0x80 | len(payload))) + _NO_MASK + payload)

    def _fail(self, reason: str) -> None:
        self._tally.broken = reason
        if not self.subscribed.done():
            self.subscribed.set_exception(ServiceStopped(reason))


def upgrades(credentials: Credentials, users: Iterable[str]) -> list[bytes]:
    """The signed request of each user for a socket."""
    return [UPGRADE % (SOCKET_PATH.encode(), credentials.headers(user, "GET", SOCKET_PATH)) for user in users]


async def listen(child: Child, requests: Iterable[bytes], tally: Tally) -> list[Listener]:
    """A subscribed socket for each request."""
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(_OPENING_AT_ONCE)

    async def open_one(request: bytes) -> Listener:
        async with turn:
            _, listener = await loop.create_connection(lambda: Listener(tally, request), child.host, child.port)
            await listener.subscribed
            return listener

    return list(await asyncio.gather(*(open_one(request) for request in requests)))


async def leave(listeners: Iterable[Listener]) -> None:
    """Closes the sockets of a service, which is then not stopped in the middle of it."""
    await asyncio.gather(*(listener.close() for listener in listeners))
