"""`bench recovery`: how long a start takes, from the journal alone and from a checkpoint."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from openpositions import loops
from openpositions.bench.flow import MARKETS, USERS, Flow, user_names
from openpositions.bench.loaded_service import scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Floor, Report, figure
from openpositions.core.book import Batch, Book
from openpositions.engine.recovery import recover
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock

if TYPE_CHECKING:
    from pathlib import Path

_EVENTS_A_COMMIT = 2_048
_BLOCK_BYTES = 1 << 20


def recovery(directory: Path, *, events: int = 300_000, runs: int = 3) -> Report:
    """Recovers the same book again and again, each time from a directory opened anew."""
    with scratch(directory) as data:
        return loops.run(_recovery(data, events, runs))


async def _recovery(data: Path, events: int, runs: int) -> Report:
    await _write_journal(data, events)
    from_tail = []
    for _ in range(runs):
        _delete_checkpoint(data)
        from_tail.append(await _seconds_to_recover(data))
    await _save_checkpoint(data)
    from_checkpoint = [await _seconds_to_recover(data) for _ in range(runs)]
    floor = Floor(events / _seconds_to_read(data / "journal.db"), "reads the file of the journal")
    figures = [
        figure("from the journal alone", "events/s", [events / seconds for seconds in from_tail], floor),
        figure("from a checkpoint", "events/s", [events / seconds for seconds in from_checkpoint], floor),
        figure("start from a checkpoint", "ms", [seconds * 1000 for seconds in from_checkpoint]),
    ]
    return Report("recovery", this_machine(data), {"events": events, "runs": runs}, figures)


async def _write_journal(data: Path, events: int) -> None:
    flow = Flow(user_names(USERS), MARKETS)
    book = Book()
    with DirectoryLock(data) as lock:
        async with open_directory(lock) as (journal, _):
            for start in range(0, events, _EVENTS_A_COMMIT):
                draft, _outcomes = book.decide([Batch(flow.fills(min(_EVENTS_A_COMMIT, events - start)))])
                await journal.append(draft.entries)
                book.install(draft)


async def _seconds_to_recover(data: Path) -> float:
    started = time.perf_counter()
    with DirectoryLock(data) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            book = Book()
            archive = await recover(book, journal, checkpoints)
            seconds = time.perf_counter() - started
            await archive.checkpointing.finish()  # a service is ready while it is still being saved
            return seconds


async def _save_checkpoint(data: Path) -> None:
    with DirectoryLock(data) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            archive = await recover(Book(), journal, checkpoints)
            await archive.checkpointing.finish()
            await archive.checkpointing.save()


def _delete_checkpoint(data: Path) -> None:
    for file in data.glob("checkpoint.db*"):
        file.unlink()


def _seconds_to_read(path: Path) -> float:
    started = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(_BLOCK_BYTES):
            pass
    return time.perf_counter() - started
