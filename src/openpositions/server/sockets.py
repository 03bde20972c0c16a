"""All connections: who is let in, who is still there, who has to go (protocol, 1 and 5.5, and "Close codes")."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import structlog
from aiohttp import WSCloseCode, web

from openpositions.server.auth import CALLER, Denied, missing_scope
from openpositions.server.limits import TokenBucket
from openpositions.server.socket import Connection, Link
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, error_body
from openpositions.wire.socket.frames import Dialect
from openpositions.wire.socket.session import Access, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.core.book import Book
    from openpositions.engine.hub import Hub
    from openpositions.server.auth import Caller
    from openpositions.server.keys import KeyStore
    from openpositions.server.settings import Settings

KEY_REVOKED = 4003
_SHUTDOWN = b'{"type":"notice","msg":{"event":"shutdown"}}'
# How often connections are looked after: so often within the shortest time that they are given, and every second at
# least.
_SWEEPS_A_LIMIT = 8
_LONGEST_SWEEP_SECONDS = 1.0
# How long a planned stop waits for what a reader still has to take. Whoever takes nothing meanwhile is cut.
_STOP_SECONDS = 2.0

_log = structlog.get_logger("openpositions.sockets")


class Sockets:
    """The WebSocket endpoint."""

    def __init__(self, book: Book, hub: Hub, epoch: str, keys: KeyStore, settings: Settings) -> None:
        self._book = book
        self._keys = keys
        self._hub = hub
        self._epoch = epoch
        self._settings = settings
        self.wire = settings.wire
        """The dialect of connections that name none."""
        self.make_session: Callable[[Access, Book, str], Session] = Session
        self.closing_seconds = 2.0
        """How long a closing waits for the peer's close frame."""
        self._open: dict[Connection, None] = {}
        self._of_user: Counter[tuple[str, bool]] = Counter()
        """By user, and whether the owner of the data directory looks on: who does takes no place of the user's."""
        self._ending: set[asyncio.Task[None]] = set()
        self.stopping = False

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Opens a socket for an authenticated caller and serves it to its end."""
        caller = request[CALLER]
        refused = missing_scope(caller, "read") or self._refusal(request, caller)
        if refused is not None:
            return refused.response()
        access = Access(
            caller.user_id,
            caller.subaccount,
            Dialect(self._wire(request)),
            self._settings.tickers_per_subscription,
            self._settings.plain,
        )
        session = self.make_session(access, self._book, self._epoch)
        # One more, because aiohttp refuses what reaches the limit.
        longest = self._settings.inbound_frame_bytes + 1
        ws = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=longest, timeout=self.closing_seconds)
        counted = caller.user_id, caller.is_owner
        self._of_user[counted] += 1
        try:
            writer = await ws.prepare(request)
            if request.transport is not None:
                await self._run(caller, session, Link(ws, writer, request.transport))
        except ConnectionError:
            # The peer went away while something was written to it, which is no failure. Nobody is left to be told.
            if not ws.prepared:
                raise
        except Exception:
            if not ws.prepared:
                raise
            _log.exception("a connection failed", key_id=caller.key_id)
            await ws.close(code=WSCloseCode.INTERNAL_ERROR)
        finally:
            self._of_user[counted] -= 1
            if not self._of_user[counted]:
                del self._of_user[counted]
        return ws

    async def _run(self, caller: Caller, session: Session, link: Link) -> None:
        """Serves a prepared socket, unless what was closed while its handshake was on its way concerns it too."""
        if self._was_revoked(caller):
            await link.ws.close(code=KEY_REVOKED)
            return
        if self.stopping:
            await link.ws.close(code=WSCloseCode.SERVICE_RESTART)
            return
        bucket = TokenBucket(self._settings.commands_per_second)
        connection = Connection(session, caller.key_id, self._hub, bucket, link)
        # In the step that looked: whoever revokes or stops from now on finds it.
        self._open[connection] = None
        try:
            await connection.run()
        finally:
            self._open.pop(connection, None)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def subscribed_count(self) -> int:
        """Connections that have subscribed to something."""
        return sum(1 for connection in self._open if connection.outbox.session.subscriptions)

    async def sweep(self) -> None:
        """Pings, and ends connections whose peer is gone or takes nothing; runs until cancelled."""
        settings = self._settings
        shortest = min(settings.ping_seconds, settings.pong_seconds, settings.stall_seconds)
        pause_seconds = min(shortest / _SWEEPS_A_LIMIT, _LONGEST_SWEEP_SECONDS)
        while True:
            await asyncio.sleep(pause_seconds)
            now = asyncio.get_running_loop().time()
            for connection in list(self._open):
                self._look_after(connection, now)

    async def revoke(self, key_id: str) -> None:
        """Closes the connections that were opened with a key."""
        await _close_all([one for one in self._open if one.key_id == key_id], KEY_REVOKED)

    async def shut_down(self) -> None:
        """Closes every connection for a planned stop; no new ones are let in."""
        self.stopping = True
        await _close_all(list(self._open), WSCloseCode.SERVICE_RESTART)

    def _wire(self, request: web.Request) -> str:
        """The dialect that a connection asks for; the venue knows no such parameter."""
        asked = None if self._settings.plain else request.query.get("wire")
        return self.wire if asked is None else asked

    def _was_revoked(self, caller: Caller) -> bool:
        key = self._keys.get(caller.key_id)
        return not caller.is_owner and (key is None or not key.is_good)

    def _refusal(self, request: web.Request, caller: Caller) -> Denied | None:
        if not _asks_for_upgrade(request):
            return Denied(400, error_body("upgrade_required", "this path serves a WebSocket; send an upgrade request"))
        if not caller.user_id:
            return Denied(400, error_body("invalid_parameter", "user_id must name a user, and is missing"))
        wire = self._wire(request)
        if wire not in {dialect.value for dialect in Dialect}:
            return Denied(400, error_body("invalid_parameter", f"wire must be 2025, 2026 or both, not {wire[:40]!r}"))
        if self.stopping:
            return Denied(503, error_body("shutting_down", "the service is stopping; come back in a moment"))
        crowded = self._of_user[caller.user_id, caller.is_owner] >= self._settings.connections_per_user
        if crowded or len(self._open) >= self._settings.connections:
            return Denied(429, TOO_MANY_REQUESTS)
        return None

    def _look_after(self, connection: Connection, now: float) -> None:
        """Pings or ends a connection where it is time. One that fails ends, and is no reason to leave the others."""
        try:
            self._keep_alive(connection, now)
        except Exception:  # noqa: BLE001 - whatever it is, the other connections are looked after
            _log.exception("a connection failed while it was looked after", key_id=connection.key_id)
            self._end(connection, WSCloseCode.INTERNAL_ERROR)

    def _keep_alive(self, connection: Connection, now: float) -> None:
        settings = self._settings
        if connection.is_waiting:
            # Its pongs are not read, or stand behind what it does not take: only its taking counts.
            connection.last_heard = now
            taken = connection.bytes_taken
            if taken != connection.last_taken:
                connection.last_taken = taken
                connection.last_moved = now
            elif now - connection.last_moved >= settings.stall_seconds:
                self._end(connection, WSCloseCode.TRY_AGAIN_LATER)
            return
        connection.last_moved = now
        if now - connection.last_heard >= settings.pong_seconds:
            self._end(connection, WSCloseCode.INTERNAL_ERROR)
        elif now - connection.last_pinged >= settings.ping_seconds:
            connection.last_pinged = now
            connection.ping()

    def _end(self, connection: Connection, code: int) -> None:
        # The loop keeps only weak references to tasks.
        ending = asyncio.create_task(_close(connection, code))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        self._open.pop(connection, None)


async def _close(connection: Connection, code: int) -> None:
    """Closes one connection; cuts it when even that fails."""
    planned = code == WSCloseCode.SERVICE_RESTART
    try:
        subscriptions = connection.outbox.session.subscriptions.values()
        notice = _SHUTDOWN if planned and any(one.extended for one in subscriptions) else None
        await connection.close(code, notice, patience_seconds=_STOP_SECONDS if planned else 0.0)
    except Exception:  # noqa: BLE001 - whatever it is, it is cut, and the others are closed
        _log.exception("a connection could not be closed", key_id=connection.key_id)
        connection.cut()


async def _close_all(connections: Iterable[Connection], code: int) -> None:
    await asyncio.gather(*(_close(connection, code) for connection in connections))


def _asks_for_upgrade(request: web.Request) -> bool:
    try:
        return bool(web.WebSocketResponse().can_prepare(request))
    except ValueError:  # a Sec-WebSocket-Key of other characters than ASCII
        return False
