"""A portfolio that is kept current in the background."""

from __future__ import annotations

import asyncio
import inspect
import logging
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from openpositions.client.consolidation import Consolidation
from openpositions.client.holdings import HasTotals, Snapshot
from openpositions.client.one_loop import check_loop, end_task
from openpositions.client.tables import pandas_frame, polars_frame
from openpositions.errors import ClientClosed, InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    import pandas as pd
    import polars as pl

    from openpositions.client.follower import Follower
    from openpositions.client.holdings import Holding, Totals
    from openpositions.client.news import News
    from openpositions.client.runner import Runner, Sink

_log = logging.getLogger("openpositions.client")


class Portfolio(HasTotals):
    """Everything that a user holds, and what it is worth, current in the background, over reconnects without a gap.

    `positions` and the totals are of one sequence, always: both change in one step, and never while a coroutine that
    uses them goes on without awaiting. What is to be kept over an `await` is taken as a `snapshot()`.
    """

    def __init__(self, follower: Follower, run_into: Callable[[Sink], Runner]) -> None:
        self._consolidation = Consolidation(follower)
        self._callbacks: dict[object, Callable[[Totals], object]] = {}
        self._version = 0
        self._news = asyncio.Event()
        """Set when something else is shown, and replaced by a new one then."""
        self._failure: BaseException | None = None
        self._task = asyncio.create_task(self._run(run_into(self)))

    # ------------------------------------------------------------ what it shows

    @property
    def positions(self) -> Mapping[str, Holding]:
        """Holdings by market ticker: what is open, and what was seen to close. A view, which changes."""
        return MappingProxyType(self._consolidation.positions)

    @property
    def totals(self) -> Totals:
        """Everything in sum."""
        if self._consolidation.totals is None:
            raise self._failure or ClientClosed("this portfolio was closed before it was current")
        return self._consolidation.totals

    def snapshot(self) -> Snapshot:
        """Positions and totals as of now, which do not change any more."""
        return Snapshot(MappingProxyType(dict(self._consolidation.positions)), self.totals)

    # ------------------------------------------------------------ what changes

    async def changes(self) -> AsyncGenerator[Totals, None]:
        """The totals, now and whenever something else is shown; a slow consumer gets the newest.

        What makes it useless to go on is raised; closing ends it.
        """
        check_loop(self._task.get_loop())
        seen = 0
        while True:
            news = self._news
            if seen != self._version:
                seen = self._version
                yield self.totals
            elif self._task.done():
                if self._failure is not None:
                    raise self._failure
                return
            else:
                await news.wait()

    def on_change(self, callback: Callable[[Totals], object]) -> Callable[[], None]:
        """Has a plain function called with the totals whenever something else is shown; returns what ends that.

        It is called in the event loop, so it must be quick. Raises InvalidInput for a coroutine function.
        """
        if not callable(callback) or _must_be_awaited(callback):
            raise InvalidInput(
                "callback",
                "callback must be a plain function, or an object that is called like one; "
                f"use `async for … in changes()` to await, not {callback!r:.80}",
            )
        token = object()
        self._callbacks[token] = callback
        return lambda: (self._callbacks.pop(token, None), None)[1]

    def to_pandas(self) -> pd.DataFrame:
        """The positions as a pandas DataFrame, a row for each market. Raises NotInstalled."""
        return pandas_frame(self._consolidation.positions.values())

    def to_polars(self) -> pl.DataFrame:
        """The positions as a Polars DataFrame, a row for each market. Raises NotInstalled."""
        return polars_frame(self._consolidation.positions.values())

    # ------------------------------------------------------------ how it lives

    async def ready(self) -> Self:
        """Returns itself once it shows something. Raises what makes it useless to wait."""
        check_loop(self._task.get_loop())
        while self._consolidation.totals is None:
            if self._task.done():
                raise self._failure or ClientClosed("this portfolio was closed before it was current")
            await self._news.wait()
        return self

    @property
    def has_ended(self) -> bool:
        """Whether it is not kept current any more."""
        return self._task.done()

    async def close(self) -> None:
        """Lets go of the connection; what it shows stays, and is stale."""
        await end_task(self._task)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def take(self, news: Sequence[News]) -> None:
        """As a sink: takes the follower's news."""
        if self._consolidation.take(news):
            self._show_change()

    def lost(self) -> None:
        """As a sink: what is shown may be out of date."""
        if self._consolidation.lost():
            self._show_change()

    async def _run(self, runner: Runner) -> None:
        try:
            await runner.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever uses the portfolio
            self._failure = error
        finally:
            asyncio.get_running_loop().call_soon(self._announce)

    def _show_change(self) -> None:
        self._version += 1
        self._announce()
        for callback in list(self._callbacks.values()):
            try:
                callback(self.totals)
            except Exception:  # noqa: BLE001 - a mistake of the caller must not end the following
                _log.exception("a callback of a portfolio failed")

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _must_be_awaited(callback: Callable[[Totals], object]) -> bool:
    """Whether a call gives something to await or to iterate over with `async for`, so that nothing would happen."""
    called: object = callback
    while isinstance(called, partial):
        called = called.func
    return any(
        inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in (called, type(called).__call__)
    )
