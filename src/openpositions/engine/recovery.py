"""Checkpoint and tail make the book again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from openpositions.engine.archive import Archive

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.journal.base import CheckpointStore, Journal


async def recover(book: Book, journal: Journal, checkpoints: CheckpointStore) -> Archive:
    """Fills an empty book with everything that is durable. A tail too long to keep indexed is saved as it is read.

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
            if archive.checkpoint_due:
                await archive.save_checkpoint()
    finally:
        gc.enable()
    gc.freeze()
    return archive
