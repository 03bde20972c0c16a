"""Checkpoint and tail make the book again."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from openpositions.engine.archive import Archive

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.journal.base import CheckpointStore, Journal


async def recover(book: Book, journal: Journal, checkpoints: CheckpointStore) -> Archive:
    """Fills an empty book with everything that is durable.

    A long tail is saved in the background while it is read, and what is left of that goes on afterwards.

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
        for entries in journal.scan(checkpoints.through):
            archive.absorb(book.replay(entries))
            if archive.is_crowded:
                await archive.finish_checkpoint()
            archive.start_checkpoint_when_due()
            await asyncio.sleep(0)  # a checkpoint is of what was absorbed when it begins
    except BaseException:
        await archive.finish_checkpoint()
        raise
    finally:
        gc.enable()
    gc.freeze()
    return archive
