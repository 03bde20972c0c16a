"""A connection whose peer decides when it takes data and when it sends (protocol, 5.5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from aiohttp import WSMessage, WSMsgType

from openpositions.core.book import Batch
from openpositions.engine.hub import Hub
from openpositions.server.limits import TokenBucket
from openpositions.server.socket import Connection
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
        """It is not."""
        return False

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
        self.connection = Connection(Conversation(self.journaled).session, "key", self.hub, bucket)

    serving: asyncio.Task[None]

    def fill(self, rounds: int, markets: int) -> None:
        """Trades in many markets: some 400 bytes of frames each."""
        for number in range(rounds):
            fills = [bought_yes(f"{self.journaled.book.sequence} {number} {market}", ticker=f"M{market}")
                     for market in range(markets)]  # fmt: skip
            self.hub.publish(self.journaled.commit(Batch(fills))[0])

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
    peer = cast("Any", one.peer)
    one.serving = asyncio.create_task(one.connection.run(peer, peer, peer))
    try:
        yield one
    finally:
        one.serving.cancel()
        with suppress(asyncio.CancelledError):
            await one.serving


async def test_command_is_not_carried_out_while_the_peer_takes_nothing() -> None:
    """Although the connection was waiting for one when it blocked."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()
        one.peer.send(command("unsubscribe", sids=[1]))
        await _idle()
        subscribed = one.is_subscribed
        one.peer.take()
        await one.until(b"unsubscribed")

    assert subscribed


async def test_command_waits_also_when_what_drained_blocks_again() -> None:
    """What was merged meanwhile is more than the socket takes at once."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(2, 1_000)
        await one.until_blocked()
        one.peer.send(command("unsubscribe", sids=[1]))
        subscribed = []
        for _ in range(3):
            one.peer.take()
            one.peer.stop_taking()
            await _idle()
            subscribed.append(one.connection.outbox.blocked and one.is_subscribed)
        one.peer.take()
        await one.until(b"unsubscribed")

    assert subscribed == [True, True, True]


async def test_close_is_heard_while_nothing_is_taken() -> None:
    """A peer that goes while it is slow is gone."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        one.peer.send(b"", WSMsgType.CLOSE)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await one.serving
        assert one.hub.connections_of("alice") == 0


# ---------------------------------------------------------------- the end


async def test_peer_that_takes_what_is_left_of_its_buffer_is_told_why_it_ends() -> None:
    """A frame fits behind what waits."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 10)
        await one.until(b"M9")

        await one.connection.close(1013)

        assert (one.peer.close_code, one.peer.is_cut) == (1013, True)


async def test_peer_whose_buffer_is_full_is_cut() -> None:
    """No frame fits any more."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        await one.connection.close(1013)

        assert (one.peer.close_code, one.peer.is_cut) == (None, True)


async def test_planned_stop_waits_for_a_peer_that_reads() -> None:
    """All that waits, the notice, and then the code."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        closing = asyncio.create_task(one.connection.close(1012, b"notice", patience_seconds=PATIENCE_SECONDS))
        await _idle()
        told_at_once = one.peer.close_code
        one.peer.take()
        await closing

        assert told_at_once is None
        assert (one.peer.close_code, one.peer.is_cut) == (1012, False)
        assert one.peer.written.endswith(b"notice")
        assert b"M399" in one.peer.written


# ---------------------------------------------------------------- conflation


async def test_conflated_changes_leave_together_after_their_time() -> None:
    """One frame for both; and the next ones after another while."""
    async with conversing() as one:
        await one.subscribe("market_positions", conflate_ms=20)
        for count in (1, 2):
            started = asyncio.get_running_loop().time()
            one.fill(2, 1)
            await one.until(b'"position":%d' % (count * 20))
            assert asyncio.get_running_loop().time() - started >= 0.02

        assert one.peer.written.count(b'"market_position"') == 2


async def _idle() -> None:
    """Lets everything that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)
