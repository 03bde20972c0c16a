"""A network between a client and a service, with a fixed address: it can be cut, silent or down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tests.client.watching import PATIENCE_SECONDS

if TYPE_CHECKING:
    from tests.acceptance.service import Service

_PIECE_BYTES = 1 << 16


class Proxy:
    """Carries bytes to wherever the service is now. In an `async with` statement it listens."""

    def __init__(self, service: Service) -> None:
        self.service = service
        """Where new connections go."""
        self._open: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.is_down = False
        """Connections are accepted and dropped at once."""
        self.accepted = 0
        """Connections so far that were carried to the service, or would have been but for the silence."""
        self._came = asyncio.Condition()
        self._carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._flows.set()
        self.cut()
        if self._carrying:
            await asyncio.wait(self._carrying)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Ends every connection without a word."""
        for writer in self._open:
            writer.transport.abort()

    def silence(self) -> None:
        """From now on nothing arrives anywhere, although every connection stays open."""
        self._flows.clear()

    def speak(self) -> None:
        """Ends the silence."""
        self._flows.set()

    async def until_accepted(self, count: int) -> None:
        """Returns when so many connections have come."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._came:
            await self._came.wait_for(lambda: self.accepted >= count)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.service.port)
        except OSError:
            writer.transport.abort()
            return
        async with self._came:
            self.accepted += 1
            self._came.notify_all()
        self._open |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer))
                pumps.create_task(self._pump(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(_PIECE_BYTES):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
