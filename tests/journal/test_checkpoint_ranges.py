"""What the indexes of a checkpoint find in ranges: entries of a user in order, marks of markets over time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from openpositions.core.identity import text_key
from openpositions.journal.base import CheckpointStore, EntryRange, IndexedMark, MarkRange
from openpositions.journal.checkpoint import FORMAT
from openpositions.journal.database import Database
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from tests.journal.stored import NOTHING, checkpoint, indexed

ALL = 1 << 62
FORMAT_1 = Path(__file__).with_name("checkpoint_format_1.sql")
RAIN, SNOW, FOG = (text_key(ticker) for ticker in ("RAIN", "SNOW", "FOG"))


@pytest.mark.parametrize("newest_first", [False, True])
async def test_entries_of_a_user_are_narrowed_by_each_part_of_the_range(
    checkpoints: CheckpointStore, *, newest_first: bool
) -> None:
    """In both directions; those of others are not among them, and not more are given than wanted."""
    lines = [
        indexed("alice", 1),
        indexed("bob", 2),
        indexed("alice", 3, ticker="SNOW"),
        indexed("alice", 4, subaccount=1, is_fill=False),
    ]
    await checkpoints.save(checkpoint(4, entries=lines))
    await checkpoints.save(checkpoint(5, entries=[indexed("alice", 5)]))
    alice = EntryRange(text_key("alice"), 0, ALL, newest_first=newest_first)

    async def found(wanted: EntryRange) -> list[int]:
        sequences = await checkpoints.entries_in(wanted, 10)
        return sequences[::-1] if newest_first else sequences

    assert await found(alice) == [1, 3, 4, 5]
    assert await found(alice._replace(after=1, through=4)) == [3, 4]
    assert await found(alice._replace(subaccount=1)) == [4]
    assert await found(alice._replace(fills_only=True)) == [1, 3, 5]
    assert await found(alice._replace(ticker_keys=(SNOW, FOG))) == [3]
    assert await found(alice._replace(ticker_keys=(RAIN, SNOW), subaccount=0)) == [1, 3, 5]
    assert await found(alice._replace(ticker_keys=())) == []
    assert await checkpoints.entries_in(alice, 2) == ([5, 4] if newest_first else [1, 3])


async def test_last_mark_of_each_span_is_given(checkpoints: CheckpointStore) -> None:
    """Of the markets that are wanted, between two times, up to a sequence."""
    rain = [IndexedMark(RAIN, ts_ms, sequence) for ts_ms, sequence in ((5, 1), (10, 2), (19, 3), (19, 4), (30, 9))]
    await checkpoints.save(checkpoint(9)._replace(marks=[*rain, IndexedMark(SNOW, 11, 5), IndexedMark(FOG, 12, 6)]))
    wanted = MarkRange((RAIN, SNOW), 0, ALL, 10, ALL)

    assert sorted(await checkpoints.marks_in(wanted)) == [1, 4, 5, 9]
    assert sorted(await checkpoints.marks_in(wanted._replace(since_ms=10, until_ms=30))) == [4, 5]
    assert sorted(await checkpoints.marks_in(wanted._replace(through=3))) == [1, 3]
    assert sorted(await checkpoints.last_marks(wanted._replace(since_ms=19))) == [2, 5]
    assert await checkpoints.last_marks(wanted._replace(since_ms=10)) == [1]
    assert await checkpoints.last_marks(wanted._replace(since_ms=5)) == []


def put_format_1(path: Path, epoch: str) -> None:
    """Puts a checkpoint of an earlier version, which knew no marks, in the place of another."""
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMAT_1.read_text(encoding="utf-8"))
        Database(path, FORMAT).put_setting(connection, "epoch", epoch)
        connection.commit()


async def test_checkpoint_without_marks_is_made_again(directory: Path) -> None:
    """It is emptied, so that the journal is read from its start; the epoch goes on, so clients resume."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, _):
            epoch = journal.epoch
    put_format_1(directory / "checkpoint.db", epoch)

    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            assert (journal.epoch, checkpoints.through) == (epoch, 0)
            assert list(checkpoints.load_rows()) == []
            assert checkpoints.load_rest() == NOTHING
            assert await checkpoints.entries_in(EntryRange(text_key("alice"), 0, ALL), 10) == []
            assert await checkpoints.marks_in(MarkRange((RAIN,), 0, ALL, 10, ALL)) == []
