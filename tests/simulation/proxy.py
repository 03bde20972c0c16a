"""What lies between a client and the service: a way that can be cut, blocked, and made slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from openpositions.bench.subscriber import narrow_socket

if TYPE_CHECKING:
    from tests.simulation.place import Place

HOST = "127.0.0.1"

# What is read ahead of a client that takes nothing.
_AHEAD_BYTES = 4096

# A trickle: so many bytes, then a rest.
_TRICKLE_BYTES = 300
_TRICKLE_SECONDS = 0.005
_PIECE_BYTES = 1 << 16


class Proxy:
    """Passes the connections of one client on to the service, wherever it is now, and does harm when told to."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._may_flow = asyncio.Event()
        self._may_flow.set()
        self._trickles = False
        self._bytes_until_cut: int | None = None
        self._links: set[asyncio.Task[None]] = set()
        self.cuts = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    def cut_after(self, count: int) -> None:
        """Ends the connection behind so many bytes more for the client, wherever in a frame that is."""
        self._bytes_until_cut = count

    def stall(self) -> None:
        """Nothing more comes through to the client."""
        self._may_flow.clear()

    def trickle(self) -> None:
        """A little comes through at a time."""
        self._trickles = True

    def calm(self) -> None:
        """Everything comes through again."""
        self._may_flow.set()
        self._trickles = False
        self._bytes_until_cut = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.create_task(self._serve(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)
        link.add_done_callback(lambda _: writer.close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            link = narrow_socket(HOST, self._place.service.port)
        except OSError:  # the service is down
            return
        beyond_reader, beyond_writer = await asyncio.open_connection(sock=link, limit=_AHEAD_BYTES)
        up = asyncio.create_task(_pass_on(reader, beyond_writer))
        try:
            await self._pass_down(beyond_reader, writer)
        except ConnectionError:
            pass  # one side is gone, so is the other
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            beyond_writer.transport.abort()

    async def _pass_down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_TRICKLE_BYTES if self._trickles else _PIECE_BYTES):
            await self._may_flow.wait()
            left = self._bytes_until_cut
            if left is not None:
                self._bytes_until_cut = left - len(piece)
                writer.write(piece[:left])
                if left <= len(piece):
                    self._bytes_until_cut = None
                    self.cuts += 1
                    return
            else:
                writer.write(piece)
            await writer.drain()
            if self._trickles:
                await asyncio.sleep(_TRICKLE_SECONDS)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    writer.transport.abort()  # the client is gone
