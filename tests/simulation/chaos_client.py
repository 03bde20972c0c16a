"""A client on the real socket that is disturbed all the time, and comes back until it is told to go."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.wire.sandbox.frame_splitter import CLOSE, PING, PONG, TEXT, FrameSplitter
from tests.acceptance.websocket import PATH, PATIENCE_SECONDS, Refused, WebSocket, connect_narrow, handshake
from tests.properties.worth import decoded
from tests.simulation.proxy import HOST, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.service import Caller
    from tests.properties.worth import Worth
    from tests.simulation.place import Place
    from tests.simulation.witness import Witness

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Habit(NamedTuple):
    """How a client reads, until calm comes over it."""

    reads: bool = True
    pause_seconds: float = 0
    """After each frame."""


class Client:
    """One user's program. It connects again whenever its connection ends."""

    def __init__(self, caller: Caller, witness: Witness, place: Place, habit: Habit, proxy: Proxy | None) -> None:
        self.witness = witness
        self.proxy = proxy
        """None for a client that is slow by habit: its own socket is the narrow one."""
        self.connections = 0
        self.calm = asyncio.Event()
        """Set when it is to read all there is, whatever its habit."""
        self._caller = caller
        self._place = place
        self._habit = habit
        self._socket: WebSocket | None = None
        self._ids = count(1)
        self._heard = asyncio.Event()

    async def run(self) -> None:
        """Connects, follows and comes back until it is cancelled."""
        while True:
            await self._place.up.wait()
            try:
                async with await self._connect() as socket:
                    await self._follow(socket)
            except Refused as refusal:
                assert refusal.status == 503, refusal  # noqa: PT017 - it is stopping
            except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                pass  # a connection ended: that is what this is about
            finally:
                self._socket = None
                self._heard.set()

    def change_filter(self, action: str, tickers: list[str]) -> bool:
        """Widens or narrows the subscription; only when nothing else is under way, which is answered."""
        can = bool(tickers) and self._is_idle
        if can:
            self._send(self.witness.changing(next(self._ids), action, tickers))
        return can

    def widen_to_all(self) -> bool:
        """Subscribes again, without a filter; only when nothing else is under way."""
        can = self._is_idle
        if can:
            self._send(self.witness.widening_to_all(next(self._ids)))
        return can

    def come_back_narrower(self, tickers: list[str]) -> bool:
        """Cuts its connection, to want less on the next one; only when nothing else is under way."""
        can = bool(tickers) and self._is_idle
        if can and self._socket is not None:
            self._socket.writer.transport.abort()
            self._socket = None
            self.witness.narrow(tickers)
        return can

    async def catch_up(self, last_sequence: Callable[[Witness], int]) -> None:
        """Returns when it was told everything: the last change of a row it follows, if frames tell that, and the rest.

        A connection that ends meanwhile is followed by another one.
        """
        witness = self.witness
        if witness.wish.extended:
            await self._until(lambda: witness.is_idle and witness.seen_sequence >= last_sequence(witness))
        while True:
            await self._until(lambda: witness.is_idle)
            connections = self.connections
            self._send(witness.listing(next(self._ids)))
            await self._until(lambda: witness.is_idle)
            if connections == self.connections:
                return

    async def learn(self, worth: Worth) -> None:
        """Returns when its portfolio is worth this: it is told so within a quarter of a second."""
        with suppress(TimeoutError):
            await self._until(lambda: self.witness.worth is not None and decoded(self.witness.worth) == worth)
        assert decoded(self.witness.worth or {}) == worth, self.witness.wish

    @property
    def _is_idle(self) -> bool:
        return self._socket is not None and self.witness.is_idle

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(3 * PATIENCE_SECONDS):
            while self._socket is None or not condition():
                self._heard.clear()
                await self._heard.wait()

    async def _connect(self) -> WebSocket:
        query = f"?wire={self.witness.wish.wire}"
        if self.proxy is None:
            return await connect_narrow(self._place.service, self._caller, query)
        reader, writer = await asyncio.open_connection(HOST, self.proxy.port)
        return await handshake(reader, writer, HOST, self._caller.headers("GET", PATH), query)

    async def _follow(self, socket: WebSocket) -> None:
        self.connections += 1
        self._socket = socket
        self._send(self.witness.opening(next(self._ids)))
        if self.witness.wish.portfolio:
            self._send(self.witness.following(next(self._ids)))
        if not self._habit.reads:
            await self._place.is_gone_or(self.calm)
        splitter = FrameSplitter()
        while piece := await socket.reader.read(1 << 16):
            for frame in splitter.feed(piece):
                if frame.opcode == PING:
                    await socket.send(frame.payload, PONG)
                elif frame.opcode == TEXT and self._socket is socket:
                    self.witness.take(_decode(frame.payload))
                    if not await self._rest():
                        return
                elif frame.opcode == CLOSE:
                    return
            self._heard.set()

    async def _rest(self) -> bool:
        """Takes its time after a frame. Whether the service is still there then: what it sent last is passed over."""
        if self._habit.pause_seconds and not self.calm.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._habit.pause_seconds):
                    await self._place.is_gone_or(self.calm)
                    return self.calm.is_set()
        return True

    def _send(self, command: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send_soon(json.dumps(command).encode())
