"""Rebuilds the book from the checkpoint and the tail of the journal."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from openpositions.engine.archive import Archive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from openpositions.core.book import Book
    from openpositions.core.events import Entry
    from openpositions.journal.base import CheckpointStore, Journal


async def recover(book: Book, journal: Journal, checkpoints: CheckpointStore) -> Archive:
    """Fills an empty book with everything that is durable.

    A long tail is checkpointed in the background during replay; an unfinished checkpoint continues after this returns.

    Raises JournalCorrupt rather than start from less than what was acknowledged.
    """
    archive = Archive(journal, checkpoints, book.busted)
    # Millions of rows are made here and none is garbage: the collector would walk them again and again.
    gc.disable()
    try:
        rest = checkpoints.load_rest()
        book.load(
            rest.through,
            rows=checkpoints.load_rows(),
            markets=rest.markets,
            accounts=rest.accounts,
            busted=rest.busted,
        )
        async for entries in _read_ahead(journal.scan(checkpoints.through)):
            archive.checkpointing.absorb(book.replay(entries, keep_changes=False))
            if archive.checkpointing.is_crowded:
                await archive.checkpointing.finish()
            archive.checkpointing.start_when_due()
    except BaseException:
        await archive.checkpointing.finish()
        raise
    finally:
        gc.enable()
    gc.freeze()
    return archive


async def _read_ahead(slices: Iterator[list[Entry]]) -> AsyncIterator[list[Entry]]:
    """The slices; while one is worked on, a thread reads the next. Between two of them other tasks get their turn.

    SQLite releases the interpreter lock for about half of a read.
    """
    coming = asyncio.create_task(asyncio.to_thread(next, slices, None))
    try:
        while entries := await coming:
            coming = asyncio.create_task(asyncio.to_thread(next, slices, None))
            await asyncio.sleep(0)  # the thread begins
            yield entries
    finally:
        await asyncio.wait([coming])
