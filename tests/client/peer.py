"""A service that can be told to misbehave: the real session on real sockets, without keys, journal or manners."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from aiohttp import WSMsgType, web

from openpositions.core.book import Batch
from openpositions.wire.paths import REST_PATH, SOCKET_PATH
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.session import Access, Session
from tests.client.watching import PATIENCE_SECONDS
from tests.connected import Connected
from tests.conversation import Conversation
from tests.journaled_book import JournaledBook

if TYPE_CHECKING:
    from openpositions.core.events import Event


BAD_REQUEST, SERVER_ERROR = 400, 500


class Peer:
    """Speaks for alice to whoever connects. In an `async with` statement it listens."""

    def __init__(self) -> None:
        self.book = JournaledBook()
        self.epoch = "e1"
        self.loses = 0
        """How many of the next frames are lost."""
        self.refusals: list[tuple[int, bytes]] = []
        """Status and body of what the next handshakes are answered with."""
        self.reads: list[tuple[int, bytes]] = []
        """Status and body of what the next REST reads are answered with; status 0 hangs up instead."""
        self.retry_after: str | None = None
        """The header of that name of every answer that is a refusal."""
        self.read_times: list[float] = []
        """When reads came, by the clock of the event loop."""
        self.handshake_times: list[float] = []
        """When handshakes came, by the clock of the event loop."""
        self.headers: dict[str, str] = {}
        """Those of the last handshake."""
        self._left = asyncio.Event()
        self._open: dict[web.WebSocketResponse, Connected] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get(SOCKET_PATH, self._serve), web.get(f"{REST_PATH}/{{read:.*}}", self._read)])
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close(1001)
        await self._runner.cleanup()

    @property
    def handshakes(self) -> int:
        """How many came so far."""
        return len(self.handshake_times)

    async def feed(self, *events: Event) -> None:
        """Takes events in one commit and tells everybody."""
        draft, _ = self.book.commit(Batch(events))
        for socket, connected in list(self._open.items()):
            connected.offer(draft)
            await self._flush(socket, connected)

    async def close(self, code: int) -> None:
        """Closes every connection with a code."""
        for socket in list(self._open):
            await socket.close(code=code)

    async def until_left(self) -> None:
        """Returns when nobody is connected."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._left.wait()

    async def _read(self, request: web.Request) -> web.Response:
        self.read_times.append(asyncio.get_running_loop().time())
        status, body = self.reads.pop(0)
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status or SERVER_ERROR, body=body, headers=self._headers(status))

    def _headers(self, status: int) -> dict[str, str]:
        return {"Retry-After": self.retry_after} if self.retry_after and status >= BAD_REQUEST else {}

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.handshake_times.append(asyncio.get_running_loop().time())
        self.headers = dict(request.headers)
        if self.refusals:
            status, body = self.refusals.pop(0)
            return web.Response(status=status, body=body, headers=self._headers(status))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        conversation = Conversation(self.book)
        conversation.session = Session(Access("alice", None, Dialect.D2026), self.book.book, self.epoch)
        connected = Connected(conversation)
        self._open[socket] = connected
        self._left.clear()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    connected.outbox.reply(conversation.session.receive(message.data))
                    await self._flush(socket, connected)
        finally:
            del self._open[socket]
            if not self._open:
                self._left.set()
        return socket

    async def _flush(self, socket: web.WebSocketResponse, connected: Connected) -> None:
        for frame in connected.outbox.frames():
            if self.loses:
                self.loses -= 1
            else:
                await socket.send_str(frame.decode())
