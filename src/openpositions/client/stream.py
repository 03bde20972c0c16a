"""Rows one after the other, as an async iterator."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Self

from openpositions.client.news import Bookmark, CaughtUp
from openpositions.client.one_loop import check_loop, end_task
from openpositions.client.rows import PositionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.client.follower import Follower
    from openpositions.client.news import Continuity, News
    from openpositions.client.runner import Runner, Sink


class WaitingRow:
    """A row, and what holds once it has been taken."""

    __slots__ = ("bookmark", "caught_up_after", "is_taken", "row")

    def __init__(self, row: PositionRow, bookmark: Bookmark | None) -> None:
        self.row = row
        self.bookmark = bookmark
        """None for no other than before."""
        self.caught_up_after: int | None = None
        """How many losses there were when this was the last row before nothing was missing; None for no such row."""
        self.is_taken = False


class _Rows:
    """The rows between a runner and whoever iterates: few, so that a slow consumer slows the reading of the socket."""

    def __init__(self, follower: Follower, waiting_rows: int) -> None:
        self._follower = follower
        self.queue: asyncio.Queue[WaitingRow | None] = asyncio.Queue(waiting_rows)
        """None ends it."""
        self.failure: BaseException | None = None
        self.is_stale = True
        self.bookmark: Bookmark | None = None
        """Both as of the last row taken."""
        self._last: WaitingRow | None = None
        """The newest row."""
        self._losses = 0
        self._turn = threading.Lock()
        """Rows are taken in another thread where there is no asyncio."""

    async def take(self, news: Sequence[News]) -> None:
        epoch = self._follower.epoch
        # Until everything that was asked for has arrived, a row says nothing about those that are still to come.
        is_live = self._follower.is_current and not any(isinstance(one, CaughtUp) for one in news)
        for one in news:
            if isinstance(one, PositionRow):
                is_place = is_live and one.sequence is not None
                waiting = WaitingRow(one, Bookmark(epoch, one.sequence or 0) if is_place else None)
                await self.queue.put(waiting)
                self._last = waiting
            elif isinstance(one, CaughtUp):
                self._catch_up(None if one.sequence is None else Bookmark(epoch, one.sequence))

    def took(self, one: WaitingRow) -> None:
        """Somebody has a row now."""
        with self._turn:
            one.is_taken = True
            self._stand(one.bookmark, one.caught_up_after)

    def lost(self) -> None:
        with self._turn:
            self._losses += 1
            self.is_stale = True

    def _catch_up(self, bookmark: Bookmark | None) -> None:
        """Nothing is missing behind the newest row, which may have been taken already, or wait for that."""
        with self._turn:
            if self._last is None or self._last.is_taken:
                self._stand(bookmark, self._losses)
            else:
                self._last.bookmark = bookmark or self._last.bookmark
                self._last.caught_up_after = self._losses

    def _stand(self, bookmark: Bookmark | None, caught_up_after: int | None) -> None:
        self.bookmark = bookmark or self.bookmark
        if caught_up_after == self._losses:
            self.is_stale = False


class PositionStream:
    """The rows of a user: first what is held, then every change, over reconnects without a gap.

    An async iterator. It connects when it is first asked for a row, and lets go of its connection when it is closed, or
    when nobody holds it any more. What makes it useless to go on is raised once, after the rows before it.
    """

    def __init__(self, follower: Follower, run_into: Callable[[Sink], Runner], waiting_rows: int) -> None:
        self._follower = follower
        self._rows = _Rows(follower, waiting_rows)
        self._run_into = run_into
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def stale(self) -> bool:
        """Whether rows are missing among those taken: before all that is held was, while disconnected, after a gap."""
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
        return self._rows.bookmark

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PositionRow:
        one = await self._next()
        if one is None:
            raise StopAsyncIteration
        self.took(one)
        return one.row

    async def several(self, most: int) -> list[WaitingRow]:
        """What has come, up to so much, and at least one unless this is the end: for whoever says what it `took`."""
        first = await self._next()
        several = [] if first is None else [first]
        while several and len(several) < most and not self._rows.queue.empty():
            one = self._rows.queue.get_nowait()
            if one is None:
                self._rows.queue.put_nowait(None)  # the end is for the next time
                break
            several.append(one)
        return several

    def took(self, one: WaitingRow) -> None:
        """One of `several` is taken now. May be called from any thread."""
        self._rows.took(one)

    async def _next(self) -> WaitingRow | None:
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
