"""A WebSocket client that can also misbehave: it shows every byte, and sends whatever it is told to (RFC 6455)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import struct
from base64 import b64encode
from contextlib import suppress
from hashlib import sha1
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from openpositions.bench.subscriber import narrow_socket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.acceptance.service import Address, Signer

PATH = "/trade-api/ws/v2"
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA

# Whoever waits longer for something waits for nothing.
PATIENCE_SECONDS = 20

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Frame(NamedTuple):
    """A frame as it came."""

    opcode: int
    payload: bytes


class Refused(Exception):
    """The service opened no socket."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.body = body


class WebSocket:
    """A connection after its handshake. In an `async with` statement it is cut at the end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def read(self, length: int) -> bytes:
        """The next bytes, as they are on the wire."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.reader.readexactly(length)

    async def receive(self) -> Frame:
        """The next frame. Raises IncompleteReadError when none comes any more."""
        first, second = await self.read(2)
        assert first & 0x70 == 0, "a reserved bit is set"
        assert second & 0x80 == 0, "a server masks nothing"
        length = second
        if second == 126:
            (length,) = struct.unpack("!H", await self.read(2))
        elif second == 127:
            (length,) = struct.unpack("!Q", await self.read(8))
        return Frame(first & 0x0F, await self.read(length))

    async def text(self) -> bytes:
        """The next message; the pings before it are answered."""
        while True:
            frame = await self.receive()
            if frame.opcode == TEXT:
                return frame.payload
            assert frame.opcode == PING, frame
            await self.send(frame.payload, PONG)

    async def message(self) -> Any:  # noqa: ANN401 - JSON
        """The next message, decoded."""
        return json.loads(await self.text())

    async def close_code(self) -> int:
        """The code that the service closes with; what comes before it is passed over."""
        while (frame := await self.receive()).opcode != CLOSE:
            pass
        (code,) = struct.unpack("!H", frame.payload[:2])
        return int(code)

    async def rest(self) -> bytes:
        """All that still comes until the service lets go of the connection."""
        rest = b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):  # it lets go of bytes that it has not read, too
                while piece := await self.reader.read(1 << 16):
                    rest += piece
        return rest

    async def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Sends one frame, masked as a client must."""
        self.send_soon(payload, opcode)
        await self.writer.drain()

    def send_soon(self, payload: bytes, opcode: int = TEXT) -> None:
        """The same, without waiting for room."""
        self.writer.write(encode_frame(payload, opcode))

    async def command(self, name: str, **params: object) -> Any:  # noqa: ANN401 - JSON
        """Sends a command; the next message."""
        await self.send(json.dumps({"id": 1, "cmd": name, "params": params}).encode())
        return await self.message()

    async def subscribe(self, *channels: str, **params: object) -> int:
        """Subscribes to a channel or more; the sid of the last."""
        reply = await self.command("subscribe", channels=channels, **params)
        for _ in channels[1:]:
            reply = await self.message()
        assert reply["type"] == "subscribed", reply
        return int(reply["msg"]["sid"])


def encode_frame(payload: bytes, opcode: int = TEXT, first_bits: int = 0x80, mask_bit: int = 0x80) -> bytes:
    """A frame; `first_bits` are FIN and the reserved bits, a `mask_bit` of 0 leaves it unmasked."""
    length = len(payload)
    first = first_bits | opcode
    if length < 126:
        head = struct.pack("!BB", first, mask_bit | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, mask_bit | 126, length)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, length)
    if not mask_bit:
        return head + payload
    key = os.urandom(4)
    mask = (key * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload) ^ int.from_bytes(mask)
    return head + key + masked.to_bytes(length)


def upgrade(host: str, signed: Mapping[str, str], *, query: str = "", key: str = "AAAAAAAAAAAAAAAAAAAAAA==") -> bytes:
    """The request that asks for a socket."""
    headers = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        **signed,
    }
    lines = [f"GET {PATH}{query} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def connect(
    service: Address,
    caller: Signer | None,
    query: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    receive_buffer_bytes: int = 0,
) -> WebSocket:
    """Opens a socket for a caller. Raises Refused.

    A small receive buffer makes a reader whose slowness is felt at once.
    """
    link = socket.socket()
    if receive_buffer_bytes:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    try:
        link.connect((service.host, service.port))
    except OSError:
        link.close()
        raise
    reader, writer = await asyncio.open_connection(
        sock=link, ssl=tls, server_hostname=service.host if tls else None, limit=receive_buffer_bytes or 1 << 16
    )
    signed = caller.headers("GET", PATH) if caller else {}
    return await handshake(reader, writer, f"{service.host}:{service.port}", {**signed, **(headers or {})}, query)


async def connect_narrow(service: Address, caller: Signer, query: str = "") -> WebSocket:
    """Opens a socket for which the system buffers so little that a reader's slowness is felt within 100 kB."""
    link = narrow_socket(service.host, service.port)
    reader, writer = await asyncio.open_connection(sock=link, limit=1024)
    return await handshake(reader, writer, service.host, caller.headers("GET", PATH), query)


async def handshake(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, headers: Mapping[str, str], query: str = ""
) -> WebSocket:
    """Asks for a socket on an open connection, which is cut when none is given. Raises Refused."""
    key = b64encode(os.urandom(16)).decode()
    writer.write(upgrade(host, headers, query=query, key=key))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(head.split()[1])
            if status != 101:
                writer.close()
                body = await reader.read()
    except BaseException:
        writer.transport.abort()
        raise
    if status != 101:
        raise Refused(status, body)
    accept = b64encode(sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()
    assert f"sec-websocket-accept: {accept}".lower() in head.lower(), head
    return WebSocket(reader, writer)
