"""A recording, served over the authenticated socket path, and the reads that a client begins with."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from openpositions.errors import Misconfigured
from openpositions.server.auth import Authenticator, Denied, missing_scope, signed_path
from openpositions.server.responses import answer_failures, json_response
from openpositions.testing.recording.beginning import READS
from openpositions.testing.recording.playback import Playback
from openpositions.wire.paths import SOCKET_PATH
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, error_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openpositions.server.keys import KeyStore
    from openpositions.testing.recording.playback import Stream
    from openpositions.testing.recording.sessions import RecordedSession


_MOST_CONNECTIONS = 1_000
_TIMESTAMP_WINDOW_MS = 30_000
_INBOUND_FRAME_BYTES = 64 * 1024
_HEARTBEAT_SECONDS = 10.0

# A frame due sooner is sent without a wait, which costs more than it is late.
_SOON_SECONDS = 0.001

# After so many other connections get their turn, also where nothing waits.
_FRAMES_A_TURN = 64


class Replay:
    """Serves one session of a recording to everybody with a key; each connection hears it from the start.

    `speed` is how many times as fast as it was recorded; None for as fast as it is read.
    """

    def __init__(self, session: RecordedSession, keys: KeyStore, speed: float | None = 1.0) -> None:
        self._session = session
        self._authenticator = Authenticator(keys, _TIMESTAMP_WINDOW_MS)
        self._speed = speed
        self._connections: set[web.WebSocketResponse] = set()

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[str]:
        """Accepts connections; gives the URL. Raises Misconfigured when it cannot."""
        app = web.Application(middlewares=[answer_failures])
        app.add_routes([web.get(SOCKET_PATH, self._serve), *(web.get(path, self._read) for path in READS)])
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=2.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise Misconfigured(f"cannot listen on {host}:{port}: {error.strerror}") from error
            yield f"http://{host}:{runner.addresses[0][1]}"
        finally:
            await asyncio.gather(*(ws.close(code=1012) for ws in self._connections), return_exceptions=True)
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        refused = self._refusal(request)
        if refused is not None:
            return refused.response()
        ws = web.WebSocketResponse(
            compress=False, max_msg_size=_INBOUND_FRAME_BYTES, heartbeat=_HEARTBEAT_SECONDS, timeout=2.0
        )
        if not ws.can_prepare(request):
            return json_response(error_body("upgrade_required", "this path serves a WebSocket"), 400)
        self._connections.add(ws)
        try:
            await ws.prepare(request)
            await self._converse(ws)
        finally:
            self._connections.discard(ws)
        return ws

    async def _read(self, request: web.Request) -> web.Response:
        refused = self._refusal(request)
        return json_response(READS[request.path]) if refused is None else refused.response()

    def _refusal(self, request: web.Request) -> Denied | None:
        now_ms = time.time_ns() // 1_000_000
        caller = self._authenticator.authenticate(request.headers, request.method, signed_path(request), now_ms)
        if isinstance(caller, Denied):
            return caller
        if len(self._connections) >= _MOST_CONNECTIONS:
            return Denied(429, TOO_MANY_REQUESTS)
        return missing_scope(caller, "read")

    async def _converse(self, ws: web.WebSocketResponse) -> None:
        playback = Playback(self._session)
        playing: dict[asyncio.Task[None], Stream] = {}
        try:
            async for message in ws:
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    continue
                replies, stream = playback.receive(message.data)
                for reply in replies:
                    await ws.send_str(reply.decode())
                for task in [task for task, one in playing.items() if one.is_over or task.done()]:
                    task.cancel()
                    del playing[task]
                if stream is not None:
                    playing[asyncio.create_task(self._play(ws, stream))] = stream
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)

    async def _play(self, ws: web.WebSocketResponse, stream: Stream) -> None:
        """Sends a stream with its timing. A reader that is slow delays it; nothing is lost and nothing piles up."""
        clock = asyncio.get_running_loop().time
        began = clock()
        for number, (due_us, recorded) in enumerate(stream.due_times(), 1):
            wait_seconds = 0.0 if self._speed is None else began + due_us / 1_000_000 / self._speed - clock()
            if wait_seconds > _SOON_SECONDS:
                await asyncio.sleep(wait_seconds)
            elif not number % _FRAMES_A_TURN:
                await asyncio.sleep(0)
            frame = stream.frame(recorded)
            if frame is not None:
                await ws.send_str(frame.decode())
