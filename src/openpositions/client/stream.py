"""Rows one after the other, as an async iterator."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, NamedTuple, Self

from openpositions.client.news import Bookmark, CaughtUp
from openpositions.client.one_loop import check_loop, end_task
from openpositions.client.rows import PositionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.client.follower import Follower
    from openpositions.client.news import Continuity, News
    from openpositions.client.runner import Runner, Sink


class RowAndBookmark(NamedTuple):
    """A row, and what holds once it has been taken."""

    row: PositionRow | None
    bookmark: Bookmark | None
    """None for no other than before."""


class _Rows:
    """The rows between a runner and whoever iterates: few, so that a slow consumer slows the reading of the socket."""

    def __init__(self, follower: Follower, waiting_rows: int) -> None:
        self._follower = follower
        self.queue: asyncio.Queue[RowAndBookmark | None] = asyncio.Queue(waiting_rows)
        """None ends it."""
        self.failure: BaseException | None = None
        self.is_stale = True

    async def take(self, news: Sequence[News]) -> None:
        epoch = self._follower.epoch
        # Until everything that was asked for has arrived, a row says nothing about those that are still to come.
        is_live = self._follower.is_current and not any(isinstance(one, CaughtUp) for one in news)
        for one in news:
            if isinstance(one, PositionRow):
                is_place = is_live and one.sequence is not None
                await self.queue.put(RowAndBookmark(one, Bookmark(epoch, one.sequence or 0) if is_place else None))
            elif isinstance(one, CaughtUp):
                self.is_stale = False
                if one.sequence is not None:
                    await self.queue.put(RowAndBookmark(None, Bookmark(epoch, one.sequence)))

    def lost(self) -> None:
        self.is_stale = True


class PositionStream:
    """The rows of a user: first what is held, then every change, over reconnects without a gap.

    An async iterator. It connects when it is first asked for a row, and lets go of its connection when it is closed, or
    when nobody holds it any more. What makes it useless to go on is raised once, after the rows before it.
    """

    def __init__(self, follower: Follower, run_into: Callable[[Sink], Runner], waiting_rows: int) -> None:
        self._follower = follower
        self._rows = _Rows(follower, waiting_rows)
        self._bookmark: Bookmark | None = None
        self._run_into = run_into
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def stale(self) -> bool:
        """Whether rows may be missing: before everything held has arrived, while disconnected, and after a gap."""
        return self._rows.is_stale

    @property
    def continuity(self) -> Continuity | None:
        """`exact` where the service numbers its frames, else `probable`; None before it has answered."""
        return self._follower.continuity

    @property
    def bookmark(self) -> Bookmark | None:
        """Where another iterator can go on, in another process perhaps: `client.positions(since=…)`.

        It stands behind the last row that was taken. None before all that is held was, and without extensions.
        """
        return self._bookmark

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PositionRow:
        while (one := await self._next()) is not None:
            self._bookmark = one.bookmark or self._bookmark
            if one.row is not None:
                return one.row
        raise StopAsyncIteration

    async def several(self, most: int) -> list[RowAndBookmark]:
        """What has come, up to so much, and at least one unless this is the end: for whoever keeps its own bookmark."""
        first = await self._next()
        several = [] if first is None else [first]
        while several and len(several) < most and not self._rows.queue.empty():
            one = self._rows.queue.get_nowait()
            if one is None:
                self._rows.queue.put_nowait(None)  # the end is for the next time
                break
            several.append(one)
        return several

    async def _next(self) -> RowAndBookmark | None:
        """The next of what has come; None at the end, before which what went wrong is raised once."""
        if self._closed:
            return None
        if self._task is None:
            self._start()
        else:
            check_loop(self._task.get_loop())
        one = await self._rows.queue.get()
        if one is None:
            await self.close()
            self._tell_end()  # to the next of those who wait
            failure, self._rows.failure = self._rows.failure, None
            if failure is not None:
                raise failure
        return one

    async def close(self) -> None:
        """Lets go of the connection; a wait for a row ends without one."""
        if self._closed:
            return
        self._closed = True
        if self._task is not None:
            await end_task(self._task)
            if not self._task.get_loop().is_closed():
                self._tell_end()

    aclose = close
    """The name that `contextlib.aclosing` knows."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _tell_end(self) -> None:
        if self._rows.queue.empty():
            self._rows.queue.put_nowait(None)

    def _start(self) -> None:
        # The task holds the rows and not this object, so that it shows when nobody iterates any more.
        self._task = asyncio.create_task(_run(self._run_into(self._rows), self._rows))
        weakref.finalize(self, _cancel, asyncio.get_running_loop(), self._task).atexit = False


async def _run(runner: Runner, rows: _Rows) -> None:
    try:
        await runner.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever iterates
        rows.failure = error
        await rows.queue.put(None)


def _cancel(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    """Ends a task, from whatever thread the garbage was collected in."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)
