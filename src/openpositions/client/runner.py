"""Keeps a follower connected, whatever happens to its connections, and hands on what it learns."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Protocol

from aiohttp import WSMsgType

from openpositions.client.backoff import LONGEST_SECONDS, Backoff
from openpositions.client.news import Gap, Interrupted, Seed, Send
from openpositions.client.seeding import read_seed
from openpositions.errors import (
    ConnectionEnded,
    ServiceUnavailable,
    TooManyRequests,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import ClientWebSocketResponse

    from openpositions.client.follower import Follower
    from openpositions.client.link import Link
    from openpositions.client.news import News
    from openpositions.client.reads import Reads

# Policy violation, and key revoked: the service does not want to see this client again (protocol, "Close codes").
_FINAL_CODES = {1008: "it calls this a breach of its policy", 4003: "the key was revoked"}
_NO_CODE = 1006

_log = logging.getLogger("openpositions.client")


class Options(NamedTuple):
    """How a client behaves."""

    quiet_seconds: float = 15.0
    """A service that says nothing for so long is asked; without an answer in as long again it is gone."""
    waiting_rows: int = 1_000
    """Rows that wait for a slow consumer before no more are read from the socket."""
    subaccounts: tuple[int, ...] = (0,)
    """Which to read by REST, from a service without extensions."""


class Sink(Protocol):
    """Where a runner puts what its follower learns."""

    async def take(self, news: Sequence[News]) -> None:
        """Takes what arrived, in order; as long as that takes, no more is read from the socket."""

    def lost(self) -> None:
        """From now on what arrived may be out of date, until CaughtUp says otherwise."""


class Runner:
    """Runs one follower over the connections it takes."""

    def __init__(self, link: Link, reads: Reads, follower: Follower, sink: Sink, options: Options) -> None:
        self._link = link
        self._reads = reads
        self._follower = follower
        self._sink = sink
        self._options = options
        self._turn = asyncio.Lock()
        """One after the other: the news of a frame, and that of the seed."""
        self._gaps = 0

    async def run(self) -> NoReturn:
        """Follows until cancelled.

        Raises what makes it useless to go on: RequestFailed or one of its kinds when the very first connection
        fails, NotAuthenticated and NotPermitted whenever they come, SubscriptionRefused, and ConnectionEnded.
        """
        loop = asyncio.get_running_loop()
        backoff = Backoff()
        was_connected = False
        while True:
            began = math.inf
            wanted_seconds = 0.0
            try:
                async with self._link.socket() as socket:
                    was_connected = True
                    began = loop.time()
                    await self._follow(socket)
            except (Interrupted, TooManyRequests, ServiceUnavailable, ConnectionError) as error:
                if not was_connected:
                    raise
                wanted_seconds = getattr(error, "retry_after_seconds", None) or 0.0
                _log.debug("connecting again: %s", error)
            finally:
                self._sink.lost()
            backoff.ended(loop.time() - began, caught_up=self._follower.is_current and began < math.inf)
            await asyncio.sleep(max(backoff.next_seconds(), min(wanted_seconds, LONGEST_SECONDS)))

    async def _follow(self, socket: ClientWebSocketResponse) -> None:
        """Serves one connection to its end, which is always an exception."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for command in self._follower.start():
                    await self._send(command, socket)
                while True:
                    message = await self._receive(socket)
                    async with self._turn:
                        await self._take(self._follower.receive(message), socket, tasks)
        except ExceptionGroup as failures:
            # Reading and seeding end together; whichever failed first says why.
            raise failures.exceptions[0] from None

    async def _take(self, news: Sequence[News], socket: ClientWebSocketResponse, tasks: asyncio.TaskGroup) -> None:
        """Does what the follower wants done, and hands on what it learned."""
        learned = []
        for one in news:
            match one:
                case Send():
                    await self._send(one, socket)
                case Seed():
                    tasks.create_task(self._seed())
                case Gap():
                    self._report(one)
                    self._sink.lost()
                case _:
                    learned.append(one)
        if learned:
            await self._sink.take(learned)

    async def _send(self, command: Send, socket: ClientWebSocketResponse) -> None:
        try:
            async with asyncio.timeout(2 * self._options.quiet_seconds):
                await socket.send_str(command.command)
        except TimeoutError:
            raise Interrupted("the service takes nothing") from None

    async def _seed(self) -> None:
        while True:
            seed = await read_seed(self._reads, self._follower, self._options.subaccounts)
            async with self._turn:
                if (
                    self._follower.unnumbered.subaccounts <= seed.subaccounts
                ):  # else a frame named another one meanwhile
                    await self._sink.take(self._follower.seed(seed.rows, seed.closed, seed.settled_before))
                    return

    async def _receive(self, socket: ClientWebSocketResponse) -> str | bytes:
        """The next message of the service. Raises Interrupted when the connection is gone, or seems to be."""
        asked = False
        while True:
            try:
                message = await socket.receive(self._options.quiet_seconds)
            except TimeoutError:
                if asked:
                    raise Interrupted("the service is silent") from None
                asked = True
                await socket.ping()
                continue
            asked = False
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    data: str | bytes = message.data
                    return data
                case WSMsgType.PING:
                    await socket.pong(message.data)
                case WSMsgType.PONG:
                    pass
                case _:
                    raise _ended(socket.close_code or _NO_CODE)

    def _report(self, gap: Gap) -> None:
        """Says once that there was a gap: it is a bug somewhere, though it does no harm here."""
        self._gaps += 1
        _log.log(
            logging.ERROR if self._gaps == 1 else logging.DEBUG,
            "seq %d came where %d was due: a frame was lost or moved, which is a bug; every row is being told anew",
            gap.found,
            gap.expected,
        )


def _ended(code: int) -> ConnectionEnded | Interrupted:
    """What the end of a connection means."""
    if code in _FINAL_CODES:
        return ConnectionEnded(f"the service closed the connection for good: {_FINAL_CODES[code]}", code)
    return Interrupted(f"the connection ended with code {code}")
