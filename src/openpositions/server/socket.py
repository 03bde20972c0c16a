"""One WebSocket connection: reads commands, writes what its outbox holds, in as few writes as the socket allows."""

from __future__ import annotations

import asyncio
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import WSMsgType

from openpositions.engine.outbox import Outbox
from openpositions.engine.portfolio_feed import PORTFOLIO_REST_MS
from openpositions.wire.socket.commands import decode_envelope
from openpositions.wire.socket.errors import CommandError, ErrorCode, error_frame

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.abc import AbstractStreamWriter

    from openpositions.engine.hub import Hub
    from openpositions.server.limits import TokenBucket
    from openpositions.wire.socket.session import Session

# Joined frames go out in pieces of about this size, so that a full socket is noticed before more is encoded for it.
_PIECE_BYTES = 64 * 1024

# What else comes means that the connection is over.
_ANSWERED = frozenset({WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG})

_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A
_SHORT, _MEDIUM, _LONG = Struct("!BB"), Struct("!BBH"), Struct("!BBQ")
_HEARTBEAT = _SHORT.pack(_PING, len(b"heartbeat")) + b"heartbeat"


def encode_header(length: int) -> bytes:
    """The header of an unfragmented, unmasked text frame (RFC 6455, 5.2)."""
    if length < 126:  # noqa: PLR2004 - the three length forms of the RFC
        return _SHORT.pack(_TEXT, length)
    if length < 1 << 16:
        return _MEDIUM.pack(_TEXT, 126, length)
    return _LONG.pack(_TEXT, 127, length)


# Made once for all frames of the usual lengths.
_HEADERS = tuple(map(encode_header, range(1024)))


class Link(NamedTuple):
    """A prepared socket, and what lies below it."""

    ws: web.WebSocketResponse
    writer: AbstractStreamWriter
    transport: asyncio.Transport


class Connection:
    """One socket of one user, after its handshake."""

    __slots__ = (
        "_bucket",
        "_drained",
        "_hub",
        "_loop",
        "_portfolio_timer",
        "_release_timer",
        "_transport",
        "_writer",
        "_ws",
        "bytes_written",
        "key_id",
        "last_heard",
        "last_moved",
        "last_pinged",
        "last_taken",
        "outbox",
        "user_id",
    )

    def __init__(self, session: Session, key_id: str, hub: Hub, bucket: TokenBucket, link: Link) -> None:
        self.user_id = session.access.user_id
        self.key_id = key_id
        self.outbox = Outbox(session, hub.portfolios)
        self._hub = hub
        self._bucket = bucket
        self._ws, self._writer, self._transport = link
        self._loop = asyncio.get_running_loop()
        self._release_timer: asyncio.TimerHandle | None = None
        self._portfolio_timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Task[None] | None = None
        """Waits for a blocked socket to take data again."""
        self.bytes_written = 0
        now = self._loop.time()
        self.last_heard = self.last_pinged = self.last_moved = now
        """When a pong came, a ping went, and the socket last took data or had none to take."""
        self.last_taken = 0

    async def run(self) -> None:
        """Serves the socket until either side ends it."""
        # What drain() waits for and what counts as full must agree; under TLS the default limit is another one.
        self._transport.set_write_buffer_limits(high=_PIECE_BYTES)
        self._hub.attach(self)
        try:
            await self._read()
        finally:
            self._hub.detach(self)
            for ending in (self._release_timer, self._portfolio_timer, self._drained):
                if ending is not None:
                    ending.cancel()

    async def _read(self) -> None:
        while (message := await self._ws.receive()).type in _ANSWERED:
            # A slow reader's commands wait, so that answers to them cannot pile up. What it took when it drained may
            # have blocked it again.
            while self._drained is not None:
                await asyncio.wait([self._drained])
            match message.type:
                case WSMsgType.PING:
                    self._answer_ping(message.data)
                case WSMsgType.PONG:
                    self.last_heard = self._loop.time()
                case _:
                    self._receive(message.data)

    def _answer_ping(self, body: bytes) -> None:
        """Writes the pong behind what waited when the ping came, and as part of what the socket has to take.

        So pongs that are not taken count as such, and block the connection before they pile up.
        """
        self.flush()
        if not self._is_closing:
            self._write(_SHORT.pack(_PONG, len(body)) + body)
            self._wait_if_full()

    def _receive(self, message: str | bytes) -> None:
        self.flush()
        if self._bucket.take(self._loop.time()):
            self.outbox.reply(self.outbox.session.receive(message))
        else:
            self.outbox.reply([_too_many_requests(message)])
        self.flush()

    def flush(self) -> None:
        """Writes what waits, until nothing does or the socket stops taking data."""
        if self._release_timer is None and self.outbox.conflate_ms:
            self._release_timer = self._loop.call_later(self.outbox.conflate_ms / 1000, self._release)
        if self._drained is not None or self._is_closing:
            return
        parts: list[bytes] = []
        size = 0
        for frame in self.outbox.frames():
            length = len(frame)
            parts += (_HEADERS[length] if length < len(_HEADERS) else encode_header(length), frame)
            size += length
            if size >= _PIECE_BYTES:
                self._write(b"".join(parts))
                parts.clear()
                size = 0
                if self._is_full():
                    break
        if parts:
            self._write(b"".join(parts))
        portfolio = self.outbox.portfolio
        if self._portfolio_timer is None and (portfolio.resting or portfolio.is_unfinished):
            delay = 0 if portfolio.is_unfinished else PORTFOLIO_REST_MS / 1000
            self._portfolio_timer = self._loop.call_later(delay, self._end_rest)
        self._wait_if_full()

    async def close(self, code: int, notice: bytes | None = None, *, patience_seconds: float = 0.0) -> None:
        """Ends the connection with a code, behind all that waits and a notice where there is one.

        It is cut when a frame does not fit within the patience, or when the peer does not take what does.
        """
        self.flush()
        until = self._loop.time() + patience_seconds
        while self._drained is not None and (left := until - self._loop.time()) > 0:
            await asyncio.wait([self._drained], timeout=left)
        if self._drained is None:
            if notice is not None and not self._is_closing:
                self._write(encode_header(len(notice)) + notice)
            await self._ws.close(code=code)
        if self._transport.get_write_buffer_size():
            self.cut()

    def cut(self) -> None:
        """Ends the connection without a word."""
        self._transport.abort()

    def ping(self) -> None:
        """Sends the venue's ping."""
        if not self._is_closing:
            self._write(_HEARTBEAT)

    @property
    def is_waiting(self) -> bool:
        """Whether something waits to be taken by the socket."""
        return bool(self._transport.get_write_buffer_size()) or not self.outbox.is_empty

    @property
    def bytes_taken(self) -> int:
        """How much the socket has taken so far."""
        return self.bytes_written - self._transport.get_write_buffer_size()

    def _write(self, piece: bytes) -> None:
        self.bytes_written += len(piece)
        self._transport.write(piece)

    @property
    def _is_closing(self) -> bool:
        """Whether a close frame has left: nothing may follow it (RFC 6455, 5.5.1)."""
        return self._ws.closed or self._transport.is_closing()

    def _is_full(self) -> bool:
        return self._transport.get_write_buffer_size() > _PIECE_BYTES

    def _wait_if_full(self) -> None:
        if self._drained is None and self._is_full():
            self.outbox.blocked = True
            self._drained = self._loop.create_task(self._wait_until_drained())

    async def _wait_until_drained(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            return
        finally:
            self._drained = None
        self.outbox.blocked = False
        self.flush()

    def _release(self) -> None:
        self._release_timer = None
        self.outbox.release()
        self.flush()

    def _end_rest(self) -> None:
        self._portfolio_timer = None
        self.outbox.portfolio.resting = False
        self.flush()


def _too_many_requests(message: str | bytes) -> bytes:
    try:
        command_id = decode_envelope(message).command_id
    except CommandError:
        command_id = None
    return error_frame(ErrorCode.TOO_MANY_REQUESTS, command_id)
