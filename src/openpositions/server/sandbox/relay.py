"""One TCP connection of a sandbox, between aiohttp and the event loop: where frames are seen, held, doubled and cut.

A service that is no sandbox has none of it: its connections write to their transports directly.
"""

# ruff: noqa: D102 - the methods of a transport and of a protocol do what asyncio says they do

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from openpositions.wire.sandbox.frame_splitter import FrameSplitter, WireFrame, close_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.server.sandbox.traffic import Traffic

_UPGRADED = b"HTTP/1.1 101 "

# What asyncio uses until somebody sets other limits.
_HIGH_BYTES = 64 * 1024

# A delay is a long way, not a slow reader: so much may be on it before the writer feels it.
_ON_THE_WAY_BYTES = 16 * 1024 * 1024


class _Held(NamedTuple):
    frame: WireFrame
    due: float
    """By the clock of the loop: when it may leave."""


class Relay(asyncio.Transport):
    """The transport that aiohttp writes to. What is no frame of a WebSocket passes as it is."""

    def __init__(self, real: asyncio.Transport, reader: asyncio.Protocol, traffic: Traffic, number: int) -> None:
        super().__init__()
        self.number = number
        """Connections count from 1."""
        self.user_id = ""
        """Who signed the handshake."""
        self.is_socket = False
        self._real = real
        self._reader = reader
        self._traffic = traffic
        self._loop = asyncio.get_running_loop()
        self._sent = FrameSplitter()
        self._held: deque[_Held] = deque()
        self._held_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._high = _HIGH_BYTES
        self._real_is_full = self._told_full = False
        self._closing = False
        self.bytes_until_cut: int | None = None
        """How much still leaves before it is cut; None while it is not to be."""

    def send(self, frame: WireFrame) -> None:
        """Writes a frame, or holds it as long as the traffic is paused or delayed."""
        due = self._loop.time() + self._traffic.delay_seconds
        if self._held or self._traffic.paused or self._traffic.delay_seconds:
            self._held.append(_Held(frame, due))
            self._held_bytes += len(frame.encoded)
            self.let_go()
        else:
            self._put(frame)

    def hurry(self, delay_seconds: float) -> None:
        """What is held leaves after a shorter delay, if its own is longer."""
        latest = self._loop.time() + delay_seconds
        self._held = deque(held._replace(due=min(held.due, latest)) for held in self._held)
        self.let_go()

    def let_go(self) -> None:
        """Writes of what is held all that may leave now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._held and not self._traffic.paused:
            if self._held[0].due > self._loop.time():
                self._timer = self._loop.call_at(self._held[0].due, self.let_go)
                break
            frame = self._held.popleft().frame
            self._held_bytes -= len(frame.encoded)
            self._put(frame)
        if self._closing and not self._held:
            self._real.close()
        self.tell_whether_full()

    def cut(self, after_bytes: int | None) -> None:
        """Ends the TCP connection, at once or within what is written from now on."""
        if after_bytes:
            self.bytes_until_cut = after_bytes
        else:
            self.abort()

    def close_with(self, code: int) -> None:
        """Ends the connection with a close frame behind what was written, and waits for no answer to it."""
        if not self.is_closing():
            self._traffic.leave(self, close_frame(code))
            self.close()

    def lost(self) -> None:
        """The connection is gone, and so is what was held for it."""
        self._drop_held()
        self._traffic.forget(self)

    def real_is_full(self, *, full: bool) -> None:
        """The real transport has more, or no longer more, than it wants to keep."""
        self._real_is_full = full
        self.tell_whether_full()

    def tell_whether_full(self) -> None:
        """Lets the writer wait while too much is kept here or below, and tells it when that ends."""
        kept = self._kept_bytes
        above = self.get_write_buffer_size() > (self._high // 4 if self._told_full else self._high)
        full = self._real_is_full or (kept > 0 and above)
        if full != self._told_full:
            self._told_full = full
            (self._reader.pause_writing if full else self._reader.resume_writing)()

    @property
    def _kept_bytes(self) -> int:
        return self._held_bytes if self._traffic.paused else max(0, self._held_bytes - _ON_THE_WAY_BYTES)

    def _put(self, frame: WireFrame) -> None:
        left = self.bytes_until_cut
        if left is None:
            self._real.write(frame.encoded)
            self._traffic.sent(self, frame)
        elif left > len(frame.encoded):
            self.bytes_until_cut = left - len(frame.encoded)
            self._real.write(frame.encoded)
            self._traffic.sent(self, frame)
        else:
            self._real.write(frame.encoded[:left])
            self._closing = True
            self._drop_held()
            self._real.close()

    def _drop_held(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._held.clear()
        self._held_bytes = 0

    # ------------------------------------------------------------ what a transport is asked

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.is_closing():
            return
        if self.is_socket:
            for frame in self._sent.feed(bytes(data)):
                self._traffic.leave(self, frame)
            return
        self._real.write(data)
        if bytes(data[: len(_UPGRADED)]) == _UPGRADED:
            self.is_socket = True
            self._traffic.opened(self)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.let_go()

    def abort(self) -> None:
        self._closing = True
        self._drop_held()
        self._real.abort()

    def is_closing(self) -> bool:
        return self._closing or self._real.is_closing()

    def get_write_buffer_size(self) -> int:
        return self._real.get_write_buffer_size() + self._kept_bytes

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = _HIGH_BYTES if high is None else high
        self._real.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever the loop has
        return self._real.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._real.pause_reading()

    def resume_reading(self) -> None:
        self._real.resume_reading()


class RelayProtocol(asyncio.Protocol):
    """What the event loop talks to: puts a relay between itself and the protocol of aiohttp."""

    def __init__(self, reader: asyncio.Protocol, traffic: Traffic) -> None:
        self._reader = reader
        self._traffic = traffic
        self._received = FrameSplitter(longest_bytes=1 << 20)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        real = cast("asyncio.Transport", transport)  # that of uvloop is one in all but its class
        self._relay = Relay(real, self._reader, self._traffic, self._traffic.next_number())
        self._reader.connection_made(self._relay)

    def data_received(self, data: bytes) -> None:
        if self._relay.is_socket:
            for frame in self._received.feed(data):
                self._traffic.received(self._relay, frame)
        self._reader.data_received(data)

    def eof_received(self) -> bool | None:
        return self._reader.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relay.lost()
        self._reader.connection_lost(exc)

    def pause_writing(self) -> None:
        self._relay.real_is_full(full=True)

    def resume_writing(self) -> None:
        self._relay.real_is_full(full=False)
