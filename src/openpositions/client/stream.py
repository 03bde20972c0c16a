"""Rows one after the other, as an async iterator."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Self

from openpositions.client.news import CaughtUp
from openpositions.client.rows import PositionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.client.feed import Feed, Sink
    from openpositions.client.follower import Follower
    from openpositions.client.news import Continuity, News


class _Rows:
    """The rows between a feed and whoever iterates: few, so that a slow consumer slows the reading of the socket."""

    def __init__(self, waiting_rows: int) -> None:
        self.queue: asyncio.Queue[PositionRow | None] = asyncio.Queue(waiting_rows)
        """None ends it."""
        self.failure: BaseException | None = None
        self.is_stale = True

    async def take(self, news: Sequence[News]) -> None:
        for one in news:
            if isinstance(one, PositionRow):
                await self.queue.put(one)
            elif isinstance(one, CaughtUp):
                self.is_stale = False

    def lost(self) -> None:
        self.is_stale = True


class PositionStream:
    """The rows of a user: first what is held, then every change, over reconnects without a gap.

    An async iterator. It connects when it is first asked for a row, and lets go of its connection when it is closed, or
    when nobody holds it any more. What makes it useless to go on is raised once, after the rows before it.
    """

    def __init__(self, follower: Follower, feed_into: Callable[[Sink], Feed], waiting_rows: int) -> None:
        self._follower = follower
        self._rows = _Rows(waiting_rows)
        self._feed_into = feed_into
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def stale(self) -> bool:
        """Whether rows may be missing: before everything held was told, while disconnected, and after a gap."""
        return self._rows.is_stale

    @property
    def continuity(self) -> Continuity | None:
        """`exact` where the service numbers what it tells, else `probable`; None before it has answered."""
        return self._follower.continuity

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PositionRow:
        if self._closed:
            raise StopAsyncIteration
        if self._task is None:
            self._start()
        row = await self._rows.queue.get()
        if row is not None:
            return row
        await self.close()
        if self._rows.failure is not None:
            raise self._rows.failure
        raise StopAsyncIteration

    def ready(self, most: int) -> list[PositionRow]:
        """Up to so many rows that have come already."""
        rows: list[PositionRow] = []
        while len(rows) < most and not self._rows.queue.empty():
            row = self._rows.queue.get_nowait()
            if row is None:
                self._rows.queue.put_nowait(None)  # the end is for __anext__
                break
            rows.append(row)
        return rows

    async def close(self) -> None:
        """Lets go of the connection; whoever waits for a row is told that there is none."""
        if self._closed:
            return
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            if self._rows.queue.empty():
                self._rows.queue.put_nowait(None)

    aclose = close
    """The name that `contextlib.aclosing` knows."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _start(self) -> None:
        # The task holds the rows and not this object, so that it can be told when nobody iterates any more.
        self._task = asyncio.create_task(_run(self._feed_into(self._rows), self._rows))
        weakref.finalize(self, _cancel, asyncio.get_running_loop(), self._task).atexit = False


async def _run(feed: Feed, rows: _Rows) -> None:
    try:
        await feed.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever iterates
        rows.failure = error
        await rows.queue.put(None)


def _cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    """Ends a task, from whatever thread the garbage was collected in."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)
