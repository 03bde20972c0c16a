"""The journal and the checkpoint of a data directory, opened together."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from openpositions.errors import JournalCorrupt, JournalUnavailable
from openpositions.journal.checkpoint import SqliteCheckpoints
from openpositions.journal.sqlite import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openpositions.journal.lock import DirectoryLock


@asynccontextmanager
async def open_directory(lock: DirectoryLock) -> AsyncIterator[tuple[SqliteJournal, SqliteCheckpoints]]:
    """What a locked data directory holds; an empty directory gets an empty journal.

    The epoch names one history, so that a client never resumes in another. It stays as long as everything goes on from
    where it ended. A new one begins when

    - the directory is a copy, or its files were put back: its birthmark, another one from start to start, is not the
      one that the journal remembers;
    - checkpoint.db is missing, or belongs to another epoch. Then it is also made again from the whole journal.

    A journal that ends before what this directory acknowledged has lost entries, or is an older one. That is refused
    with JournalCorrupt, unless checkpoint.db is missing: deleting it says that the journal is to be taken as it is.
    """
    accept_journal_as_is = not (lock.directory / "checkpoint.db").exists()
    journal = SqliteJournal(lock.directory)
    try:
        checkpoints = SqliteCheckpoints(lock.directory)
        try:
            if not accept_journal_as_is:
                _refuse_losses(journal, checkpoints)
            await _settle_epoch(journal, checkpoints, lock)
            yield journal, checkpoints
        finally:
            await checkpoints.close()
    finally:
        await journal.close()


def _refuse_losses(journal: SqliteJournal, checkpoints: SqliteCheckpoints) -> None:
    acknowledged = max(journal.acknowledged, checkpoints.through)
    if journal.head < acknowledged:
        raise JournalCorrupt(
            f"{journal.path} ends at entry {journal.head}, but entry {acknowledged} was acknowledged: entries were"
            f" lost, or an older journal was put in its place; delete {checkpoints.path} to go on with it as it is"
        )


async def _settle_epoch(journal: SqliteJournal, checkpoints: SqliteCheckpoints, lock: DirectoryLock) -> None:
    """Should this be cut short, the next start takes the directory for a copy, or makes the checkpoint again."""
    same_history = checkpoints.epoch == journal.epoch
    if same_history and journal.birthmark == lock.birthmark:
        # A disk that is full is no reason not to read what it has.
        with suppress(JournalUnavailable):
            lock.renew()
            await journal.begin_run(journal.epoch, lock.birthmark)
        return
    lock.renew()
    await journal.begin_run(uuid4().hex, lock.birthmark)
    if not same_history:
        await checkpoints.discard()
    await checkpoints.begin_epoch(journal.epoch)
