"""The way of an event, from `submit` to what is published, on the real journal and checkpoints of a directory."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Condition

from openpositions.core.book import Book
from openpositions.core.draft import Draft
from openpositions.core.events import Entry, Event
from openpositions.core.outcomes import Outcome
from openpositions.engine.archive import Archive
from openpositions.engine.pipeline import Pipeline
from openpositions.engine.recovery import recover
from openpositions.journal.base import Checkpoint
from openpositions.journal.checkpoint import SqliteCheckpoints
from openpositions.journal.sqlite import ENTRIES_A_SLICE, SqliteJournal


class Disk:
    """Lets commits pass, holds them back, or makes them fail: before they are durable, or after."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self.reached = asyncio.Event()
        """Something wants to be written, or was."""
        self.fails_before: Exception | None = None
        self.fails_after: Exception | None = None

    async def before(self) -> None:
        """What happens before a write."""
        self.reached.set()
        await self.free.wait()
        if self.fails_before is not None:
            raise self.fails_before

    async def after(self) -> None:
        """What happens after it."""
        if self.fails_after is not None:
            raise self.fails_after


class WatchedJournal(SqliteJournal):
    """The journal, and how many entries each commit had."""

    def __init__(self, directory: Path, entries_a_slice: int) -> None:
        super().__init__(directory, entries_a_slice=entries_a_slice)
        self.disk = Disk()
        self.commits: list[int] = []
        self.scanned = 0
        """How many entries were read by a scan."""
        self._scanning = Condition()

    def scan(self, after: int) -> Iterator[list[Entry]]:
        """Scans."""
        for entries in super().scan(after):
            with self._scanning:
                self.scanned += len(entries)
                self._scanning.notify_all()
            yield entries

    def wait_until_scanned(self, entries: int) -> bool:
        """Blocks until a scan has read so many entries. False when that takes ten seconds."""
        with self._scanning:
            return self._scanning.wait_for(lambda: self.scanned >= entries, timeout=10)

    async def append(self, entries: Sequence[Entry]) -> None:
        """Appends when the disk lets it."""
        self.commits.append(len(entries))
        await self.disk.before()
        await super().append(entries)
        await self.disk.after()


class WatchedCheckpoints(SqliteCheckpoints):
    """The checkpoints."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.disk = Disk()
        self.saved = asyncio.Event()

    async def save(self, checkpoint: Checkpoint) -> None:
        """Saves when the disk lets it."""
        await self.disk.before()
        await super().save(checkpoint)
        await self.disk.after()
        self.saved.set()


class Engine:
    """All rooms that an event passes, and what came out of them."""

    def __init__(self, book: Book, journal: WatchedJournal, checkpoints: WatchedCheckpoints, archive: Archive) -> None:
        self.book = book
        self.journal = journal
        self.checkpoints = checkpoints
        self.archive = archive
        self.published: list[Draft] = []
        self.readers = asyncio.Event()
        """They have caught up with what was published."""
        self.readers.set()
        self.pipeline = Pipeline(book, journal, archive, self.publish, self.catch_up)
        self.work = asyncio.create_task(self.pipeline.run())

    def publish(self, draft: Draft) -> None:
        """What is published is installed and durable."""
        assert draft.sequence == self.book.sequence == self.journal.head
        self.published.append(draft)

    async def catch_up(self) -> None:
        """Waits for the readers."""
        await self.readers.wait()

    async def submit(self, *events: Event, atomic: bool = False) -> list[Outcome]:
        """The outcomes of one batch."""
        return (await self.pipeline.submit(events, atomic=atomic)).outcomes

    def later(self, *events: Event) -> "asyncio.Task[list[Outcome]]":
        """The outcomes of one batch, when it is done."""
        return asyncio.create_task(self.submit(*events))


@asynccontextmanager
async def opened(
    directory: Path, *, entries_a_slice: int = ENTRIES_A_SLICE
) -> AsyncIterator[tuple[WatchedJournal, WatchedCheckpoints]]:
    """The journal and the checkpoints of a directory."""
    journal, checkpoints = WatchedJournal(directory, entries_a_slice), WatchedCheckpoints(directory)
    try:
        yield journal, checkpoints
    finally:
        await checkpoints.close()
        await journal.close()


@asynccontextmanager
async def running_on(journal: WatchedJournal, checkpoints: WatchedCheckpoints) -> AsyncIterator[Engine]:
    """An engine that recovered what these hold. Leaving it saves nothing, like the death of a process."""
    book = Book()
    engine = Engine(book, journal, checkpoints, await recover(book, journal, checkpoints))
    try:
        yield engine
    finally:
        engine.work.cancel()
        await asyncio.gather(engine.work, return_exceptions=True)


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Engine]:
    """The same, on what a directory holds."""
    async with opened(directory) as (journal, checkpoints), running_on(journal, checkpoints) as engine:
        yield engine
