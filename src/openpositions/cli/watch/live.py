"""A portfolio followed live: on a screen that is drawn again and again, or as lines; until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import TYPE_CHECKING

from rich.live import Live

from openpositions.cli.line_output import LineOutput
from openpositions.cli.watch.lines import Lines
from openpositions.cli.watch.screen import Size, screen
from openpositions.cli.watch.view import Watched
from openpositions.client.follower import Follower
from openpositions.client.link import ControlLink, Link
from openpositions.client.portfolio import Portfolio
from openpositions.client.reads import Reads
from openpositions.client.runner import Options, Runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from rich.console import Console

    from openpositions.cli.target import Remote
    from openpositions.cli.watch.view import Connection, View
    from openpositions.client.holdings import Totals

# A connection that died without a word is noticed after twice as long: somebody looks at these numbers now.
_QUIET_SECONDS = 4.0

# At most so often a second is something drawn; at least once a second, because ages grow.
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 1.0

# The library says little; what is beyond it goes where it would have gone.
_KEPT_RECORDS = 100


class Watch:
    """A portfolio, and since when it is stale."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self._stale_since: datetime | None = None
        portfolio.on_change(self._note)
        self._note(portfolio.totals)

    def now(self) -> Watched:
        """The portfolio as it is known now. Times are local ones."""
        snapshot = self.portfolio.snapshot()
        connection: Connection = "connected"
        if snapshot.totals.stale:
            connection = "ended" if self.portfolio.has_ended else "reconnecting"
        return Watched(snapshot, datetime.now().astimezone(), connection, self._stale_since)

    def _note(self, totals: Totals) -> None:
        if not totals.stale:
            self._stale_since = None
        elif self._stale_since is None:
            self._stale_since = datetime.now().astimezone()


@asynccontextmanager
async def watching(target: Remote | Path, user: str) -> AsyncIterator[Watch]:
    """The portfolio of the key's user over the network, of the named one through a socket file, once it is current.

    Raises RequestFailed or one of its kinds when the first connection fails.
    """
    if isinstance(target, Path):
        link: Link = ControlLink(target, user)
    else:
        link = Link(target.url, target.credentials)
    follower = Follower(totals=True)
    options = Options(quiet_seconds=_QUIET_SECONDS)
    portfolio = Portfolio(follower, lambda sink: Runner(link, Reads(link), follower, sink, options))
    try:
        yield Watch(await portfolio.ready())
    finally:
        await portfolio.close()
        await link.close()


async def show_on_screen(watch: Watch, view: View, where: str, console: Console) -> None:
    """Fills the terminal, until cancelled; raises what makes it useless to go on. Then all is as it was."""
    changed = asyncio.Event()

    async def follow() -> None:
        async for _ in watch.portfolio.changes():
            changed.set()

    with logged_afterwards(), Live(console=console, screen=True, auto_refresh=False) as live:
        following = asyncio.create_task(follow())
        try:
            while not following.done():
                live.update(screen(watch.now(), view, where, Size(*console.size)), refresh=True)
                changed.clear()
                await asyncio.sleep(_SHORTEST_PAUSE_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LONGEST_PAUSE_SECONDS - _SHORTEST_PAUSE_SECONDS):
                        await changed.wait()
            following.result()
        finally:
            following.cancel()


@contextmanager
def logged_afterwards() -> Iterator[None]:
    """Keeps what the library has to say, a gap for one, until it does not disturb the screen any more."""
    kept = MemoryHandler(_KEPT_RECORDS, flushLevel=logging.CRITICAL, target=logging.StreamHandler())
    log = logging.getLogger("openpositions.client")
    log.addHandler(kept)
    try:
        yield
    finally:
        log.removeHandler(kept)
        kept.close()


async def write_lines(watch: Watch, view: View) -> None:
    """A line for every change, until the reader goes away or it is cancelled; a slow reader gets the newest state."""
    output = LineOutput(sys.stdout.fileno())
    lines = Lines(view)

    async def follow() -> None:
        async for _ in watch.portfolio.changes():
            line = lines.line(watch.now())
            if line is not None:
                await output.write(line)

    with suppress(BrokenPipeError):
        await first_of(follow(), output.reader_gone())


async def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Does some work until it ends, or SIGINT, SIGTERM or SIGHUP comes: those are the usual way to end it."""
    stop = asyncio.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(AttributeError, NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), stop.set)
    await first_of(work, stop.wait())


async def first_of(*works: Coroutine[None, None, object]) -> None:
    """Returns, or raises, when the first of some works ends; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
