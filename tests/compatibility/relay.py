"""A way to the service that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.acceptance.service import Service


class Relay:
    """Passes bytes on both ways, until it is told to cut every connection; new ones are welcome."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        """Drops every connection, without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either end is gone."""
        there, to_service = await asyncio.open_connection(self._service.host, self._service.port)
        ends = {writer, to_service}
        self._writers |= ends
        try:
            await asyncio.gather(_pass_on(reader, to_service), _pass_on(there, writer))
        finally:
            self._writers -= ends


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def relayed(service: Service) -> AsyncIterator[Relay]:
    """A relay on a port of its own."""
    relay = Relay(service)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
    scheme = service.url.split(":")[0]
    relay.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        server.close()
        relay.cut()
