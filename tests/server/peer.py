"""A connection whose peer decides when it takes data and when it sends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import msgspec
from aiohttp import WSMessage, WSMsgType

from openpositions.core.book import Batch
from openpositions.core.events import Event
from openpositions.engine.hub import Hub
from openpositions.server.limits import TokenBucket
from openpositions.server.socket import Connection, Link
from tests.conversation import Conversation, command
from tests.events import bought_yes
from tests.journaled_book import JournaledBook

PATIENCE_SECONDS = 5


class Peer:
    """The other end: plays the socket, its transport and its writer. It takes everything until told otherwise."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[WSMessage] = asyncio.Queue()
        self.takes = asyncio.Event()
        self.takes.set()
        self.waiting_bytes = 0
        self.written = bytearray()
        self.closed = False
        self.close_code: int | None = None
        self.is_cut = False
        self.is_gone = False
        """The transport is closing: the library raises when something is written to it all the same."""

    def send(self, message: bytes, kind: WSMsgType = WSMsgType.TEXT) -> None:
        """A message to the connection."""
        self.messages.put_nowait(WSMessage(kind, message, None))

    def stop_taking(self) -> None:
        """What is written from now on waits."""
        self.takes.clear()

    def take(self) -> None:
        """Takes what waits."""
        self.waiting_bytes = 0
        self.takes.set()

    def received(self) -> Iterator[Any]:
        """What was written, decoded."""
        start = 0
        while start < len(self.written):
            length, start = self.written[start + 1], start + 2
            extended = {126: 2, 127: 8}.get(length, 0)
            if extended:
                length, start = int.from_bytes(self.written[start : start + extended]), start + extended
            yield msgspec.json.decode(self.written[start : start + length])
            start += length

    # ------------------------------------------------------------ as the connection sees it

    async def receive(self) -> WSMessage:
        """The next message."""
        return await self.messages.get()

    async def drain(self) -> None:
        """Returns when the peer takes data."""
        await self.takes.wait()

    def write(self, data: bytes) -> None:
        """Takes data, or has it wait."""
        self.written += data
        if not self.takes.is_set():
            self.waiting_bytes += len(data)

    def get_write_buffer_size(self) -> int:
        """What waits."""
        return self.waiting_bytes

    def set_write_buffer_limits(self, high: int) -> None:
        """Any limit will do."""
        assert high > 0

    def is_closing(self) -> bool:
        """Whether the peer is gone."""
        return self.is_gone

    async def close(self, *, code: int) -> None:
        """Ends with a code."""
        self.close_code = code
        self.closed = True

    def abort(self) -> None:
        """Cuts what is left."""
        self.is_cut = True


class Conversing:
    """A connection of alice and its peer."""

    def __init__(self) -> None:
        self.journaled = JournaledBook()
        self.hub = Hub(self.journaled.book)
        self.peer = Peer()
        bucket = TokenBucket(1_000)
        peer = cast("Any", self.peer)
        session = Conversation(self.journaled).session
        self.connection = Connection(session, "key", self.hub, bucket, Link(peer, peer, peer))

    serving: asyncio.Task[None]
    """Ends with the connection."""

    def fill(self, rounds: int, markets: int) -> None:
        """Trades in many markets: some 400 bytes of frames each."""
        for number in range(rounds):
            trade = f"{self.journaled.book.sequence} {number}"
            self.feed(*(bought_yes(f"{trade} {market}", ticker=f"M{market}") for market in range(markets)))

    def feed(self, *events: Event) -> None:
        """One commit."""
        self.hub.publish(self.journaled.commit(Batch(events))[0])

    async def subscribe(self, *channels: str, **params: object) -> None:
        """As a client does, and reads the reply."""
        self.peer.send(command("subscribe", channels=list(channels), **params))
        await self.until(b"subscribed")

    @property
    def is_subscribed(self) -> bool:
        """Whether the one subscription is still there."""
        return bool(self.connection.outbox.session.subscriptions)

    async def until(self, text: bytes) -> None:
        """Waits until something was written."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while text not in self.peer.written:  # noqa: ASYNC110 - what is waited for is a state of the other side
                await asyncio.sleep(0)

    async def until_blocked(self) -> None:
        """Waits until the connection has noticed that its peer takes nothing."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.connection.outbox.blocked:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)


@asynccontextmanager
async def conversing() -> AsyncIterator[Conversing]:
    """A connection that is served."""
    one = Conversing()
    one.serving = asyncio.create_task(one.connection.run())
    try:
        yield one
    finally:
        one.serving.cancel()
        with suppress(asyncio.CancelledError):
            await one.serving


async def idle() -> None:
    """Lets everything that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)
