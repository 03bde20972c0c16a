"""A socket that says what it wants and reads frame by frame, as slowly as it likes."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Self

import msgspec

from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from openpositions.bench.child import Child

_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A
_LENGTH_16 = 126
_NO_MASK = bytes(4)  # a client must mask; a mask of zeros leaves the bytes as they are

# For a socket of such segments and such a window the system buffers 100 kB; for one that has its way, 3 MB.
_SEGMENT_BYTES = 536
_WINDOW_BYTES = 4096


def narrow_socket(host: str, port: int) -> socket.socket:
    """A connection for which the system buffers little, so that its reader's slowness is felt soon."""
    narrow = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW_BYTES)
    if hasattr(socket, "TCP_MAXSEG"):  # Windows has no such option
        narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
    try:
        narrow.connect((host, port))
    except OSError:
        narrow.close()
        raise
    narrow.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return narrow


class Subscriber:
    """One socket of one user, after its handshake. Made by `open`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.bytes_read = 0
        """Payload of the frames so far."""

    @classmethod
    async def open(cls, service: Child, request: bytes, *, narrow: bool = False) -> Self:
        """Connects and asks for the upgrade. Raises ServiceStopped when the service wants none of it."""
        host, port = service.host, service.port
        if narrow:
            streams = await asyncio.open_connection(sock=narrow_socket(host, port), limit=_WINDOW_BYTES // 4)
        else:
            streams = await asyncio.open_connection(host, port)
        subscriber = cls(*streams)
        subscriber._writer.write(request)
        answer = await subscriber._reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            subscriber.cut()
            raise ServiceStopped(f"a socket was refused: {answer!r}")
        return subscriber

    def subscribe(self, **params: object) -> None:
        """Asks for the positions, with these parameters."""
        command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"], **params}}
        self._send(_TEXT, msgspec.json.encode(command))

    async def frame(self) -> bytes:
        """The next message; pings before it are answered. Raises ServiceStopped when the service ends it instead."""
        while True:
            opcode, length = await self._reader.readexactly(2)
            if length >= _LENGTH_16:
                length = int.from_bytes(await self._reader.readexactly(2 if length == _LENGTH_16 else 8))
            payload = await self._reader.readexactly(length)
            if opcode == _TEXT:
                self.bytes_read += length
                return payload
            if opcode != _PING:
                self.cut()
                raise ServiceStopped(f"the service closed a socket: {int.from_bytes(payload[:2])}")
            self._send(_PONG, payload)

    def cut(self) -> None:
        """Ends the connection without a word."""
        self._writer.transport.abort()

    def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        size = (0x80 | length,) if length < _LENGTH_16 else (0x80 | _LENGTH_16, *length.to_bytes(2))
        self._writer.write(bytes((opcode, *size)) + _NO_MASK + payload)
