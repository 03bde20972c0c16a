"""`bench identities`: whether the rate of fills depends on how many identities are held for ever already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions import loops
from openpositions.bench.feeder import feed
from openpositions.bench.floors import durable_floor
from openpositions.bench.flow import FILLS_A_POST, MARKETS, USERS, Flow, ticker, user_names
from openpositions.bench.loaded_service import loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Figure, Report, figure
from openpositions.core.book import Batch, Book
from openpositions.core.events import Declaration
from openpositions.journal.base import Checkpoint
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock

if TYPE_CHECKING:
    from pathlib import Path

_IDENTITIES_A_SAVE = 500_000
_KEYS = 1 << 63


def identities(directory: Path, *, held: int = 10_000_000, fills: int = 350_000) -> Report:
    """The same feed into an empty service and into one whose checkpoint holds many identities.

    The default feed is long enough for a checkpoint to be saved during it.
    """
    figures = []
    for count in (0, held):
        with scratch(directory) as data:
            figures.append(loops.run(_rate(data, count, fills)))
            machine = this_machine(data)
    return Report("identities", machine, {"held": held, "fills": 2 * fills}, figures)


async def _rate(data: Path, held: int, fills: int) -> Figure:
    await _hold(data, held)
    batches = Flow(user_names(USERS), MARKETS).batches(fills, FILLS_A_POST)
    async with loaded_service(data) as loaded:
        fed = await feed(loaded.feeders, batches)
    return figure(f"durable, {held:,} held", "fills/s", [fed.fills / fed.seconds], durable_floor(data, batches, fed))


async def _hold(data: Path, count: int) -> None:
    """Saves a checkpoint with this many identities, evenly spread over all there can be.

    They lead to entries that have none, so that a fill whose key is among them is still found to be new.
    """
    book = Book()
    with DirectoryLock(data) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            for start in range(0, count, _IDENTITIES_A_SAVE):
                draft, _ = book.decide([Batch([Declaration(ticker(start), "KXBENCH-26DEC31", "", start)])])
                await journal.append(draft.entries)
                book.install(draft)
                numbers = range(start, min(count, start + _IDENTITIES_A_SAVE))
                keys = [(number * (_KEYS // count), draft.sequence) for number in numbers]
                markets = list(draft.markets.values())
                await checkpoints.save(Checkpoint(draft.sequence, [], markets, {}, {}, keys, []))
