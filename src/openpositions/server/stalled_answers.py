"""Answers that nobody takes: who asks over HTTP and does not read is cut, as on a socket (protocol, 5.5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import web

    from openpositions.server.duties import Duties

# How many looks a connection is given before its time is over.
_LOOKS = 4


class StalledAnswers:
    """Watches the connections that were answered, until what was written to them is taken.

    `stall_seconds` is how long a connection may take nothing. A slow reader that goes on reading is left alone.
    """

    def __init__(self, stall_seconds: float, duties: Duties) -> None:
        self._stall_seconds = stall_seconds
        self._duties = duties
        self._waiting: dict[asyncio.Transport, tuple[int, float]] = {}
        """By connection, the bytes that waited when it last took some, and when that was."""

    def watching(
        self, serve: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
        """Serves, and looks after each connection that is answered."""

        async def serve_watched(request: web.BaseRequest) -> web.StreamResponse:
            response = await serve(request)
            # The answer is written before anything else happens, so whoever looks next finds it waiting, or taken.
            if request.transport is not None:
                self._waiting.setdefault(request.transport, (0, asyncio.get_running_loop().time()))
            return response

        return serve_watched

    async def sweeping(self, _: web.Application) -> AsyncIterator[None]:
        """Cuts the connections whose time is over, as long as the application runs."""
        sweep = self._duties.start("the sweep of stalled answers", self._sweep)
        yield
        sweep.cancel()
        await asyncio.gather(sweep, return_exceptions=True)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._stall_seconds / _LOOKS)
            now = loop.time()
            for transport, (before, since) in list(self._waiting.items()):
                size = transport.get_write_buffer_size()
                if not size:
                    del self._waiting[transport]
                elif size != before:
                    self._waiting[transport] = size, now
                elif now - since >= self._stall_seconds:
                    del self._waiting[transport]
                    transport.abort()
