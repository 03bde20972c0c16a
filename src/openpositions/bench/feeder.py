"""Posts batches of fills over a few kept-alive connections, as fast as they are answered or at a fixed rate."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from openpositions.bench.credentials import FEEDER
from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.bench.child import Child
    from openpositions.bench.credentials import Credentials
    from openpositions.bench.flow import Batch

_PATH = "/v1/events"


class Answer(msgspec.Struct):
    """What the service answers to a post."""

    accepted: int
    sequence: int


class Fed(NamedTuple):
    """What became of a feed. Times are of `time.perf_counter`."""

    fills: int
    commits: int
    """How many commits made them durable: batches of one commit are answered with one sequence."""
    writes: int
    """To how many users' sockets each commit had something to write, added up over the commits."""
    started: float
    answered: list[float]
    """When each answer came."""

    @property
    def seconds(self) -> float:
        """From the first post to the last answer."""
        return max(self.answered) - self.started

    @property
    def longest_gap(self) -> float:
        """The longest time in which no answer came, in seconds."""
        return max(later - earlier for earlier, later in pairwise([self.started, *sorted(self.answered)]))


class Feeder(asyncio.Protocol):
    """One connection that posts; it waits for an answer before the next post. Raises ServiceStopped for any but 200."""

    def __init__(self, host: str, credentials: Credentials) -> None:
        self._host = host
        self._credentials = credentials
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    async def post(self, body: bytes) -> Answer:
        """Posts one body and waits until its events are durable."""
        signed = self._credentials.headers(FEEDER, "POST", _PATH)
        head = b"POST %b HTTP/1.1\r\nHost: %b\r\n%bContent-Length: %d\r\n\r\n"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.writelines([head % (_PATH.encode(), self._host.encode(), signed, len(body)), body])
        return await self._answer

    def close(self) -> None:
        """Ends the connection."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, received: bytes) -> None:
        """Collects an answer until it is whole."""
        self._received += received
        head, _, body = self._received.partition(b"\r\n\r\n")
        _, named, length = head.lower().partition(b"\r\ncontent-length:")
        if not named or len(body) < int(length.partition(b"\r\n")[0]):
            return
        self._received.clear()
        if head.startswith(b"HTTP/1.1 200"):
            self._answer.set_result(msgspec.json.decode(body, type=Answer))
        else:
            self._answer.set_exception(
                ServiceStopped(f"a batch was refused: {bytes(head[:40])!r} {bytes(body[:500])!r}")
            )

    def connection_lost(self, error: Exception | None) -> None:
        """Fails the answer that is waited for."""
        if not self._answer.done():
            self._answer.set_exception(ServiceStopped(f"the service closed a feeding connection: {error}"))
            self._answer.exception()  # seen: nobody waits when the connection was idle


async def connect_feeders(child: Child, credentials: Credentials, count: int) -> list[Feeder]:
    """As many connections to post over."""
    loop = asyncio.get_running_loop()

    async def connect() -> Feeder:
        _, feeder = await loop.create_connection(lambda: Feeder(child.host, credentials), child.host, child.port)
        return feeder

    return [await connect() for _ in range(count)]


async def feed(feeders: Sequence[Feeder], batches: Sequence[Batch]) -> Fed:
    """Posts the batches as fast as they are answered, one in flight on each connection."""
    remaining = iter(batches)
    results = _Results()

    async def work(feeder: Feeder) -> None:
        for batch in remaining:
            results.take(batch, await feeder.post(batch.body))

    await asyncio.gather(*(work(feeder) for feeder in feeders))
    return results.fed()


async def feed_paced(
    feeders: Sequence[Feeder], batches: Sequence[Batch], fills_per_second: float, sending: Callable[[], None]
) -> Fed:
    """Posts the batches at a fixed rate, whether or not earlier ones were answered; `sending` is called as each is due.

    A batch that finds every connection busy waits for one, and that wait counts as the service's.
    """
    idle: asyncio.Queue[Feeder] = asyncio.Queue()
    for feeder in feeders:
        idle.put_nowait(feeder)
    results = _Results()

    async def post(feeder: Feeder, batch: Batch) -> None:
        results.take(batch, await feeder.post(batch.body))
        idle.put_nowait(feeder)

    due = results.started
    async with asyncio.TaskGroup() as posts:
        for batch in batches:
            await asyncio.sleep(due - time.perf_counter())
            sending()
            posts.create_task(post(await idle.get(), batch))
            due += len(batch.users) / fills_per_second
    return results.fed()


class _Results:
    """The answers so far."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self._answered: list[float] = []
        self._users_of: defaultdict[int, set[str]] = defaultdict(set)
        """By sequence, which tells commits apart, the users that a commit concerned."""
        self._fills = 0

    def take(self, batch: Batch, answer: Answer) -> None:
        """Takes one answer. Raises ServiceStopped when it does not accept every fill."""
        self._answered.append(time.perf_counter())
        if answer.accepted != len(batch.users):
            raise ServiceStopped(f"of {len(batch.users)} new fills only {answer.accepted} were accepted")
        self._users_of[answer.sequence].update(batch.users)
        self._fills += answer.accepted

    def fed(self) -> Fed:
        """All of it."""
        writes = sum(map(len, self._users_of.values()))
        return Fed(self._fills, len(self._users_of), writes, self.started, self._answered)
