"""What was acknowledged is there after the process was killed; what failed does not appear later."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from openpositions.errors import JournalUnavailable
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from openpositions.journal.sqlite import SqliteJournal
from tests.journal.stored import fills_from, read_directory

PROJECT = Path(__file__).parents[2]


def appender(directory: Path, *arguments: int) -> Popen[str]:
    """A process of its own that appends to a directory."""
    command = [sys.executable, "-m", "tests.journal.appender", str(directory), *map(str, arguments)]
    return Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def kill_after(process: Popen[str], acknowledgements: int) -> int:
    """Kills the process right after so many acknowledgements; gives the last head that it told."""
    assert process.stdout is not None
    heads = [process.stdout.readline() for _ in range(acknowledgements)]
    process.kill()
    heads += [line for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    return int(heads[-1])


@pytest.mark.parametrize("seed", range(5))
async def test_acknowledged_entries_survive_a_kill(directory: Path, seed: int) -> None:
    """After SIGKILL at a random moment the journal has every acknowledged entry, and at most one commit more."""
    acknowledged = kill_after(appender(directory, seed), random.Random(seed).randrange(1, 60))

    entries = (await read_directory(directory)).entries

    assert acknowledged <= len(entries) < acknowledged + 100
    assert entries == fills_from(1, len(entries))


async def test_journal_goes_on_where_the_killed_process_was(directory: Path) -> None:
    """A killed process holds no lock, and the next one appends after its last commit, in the same epoch."""
    kill_after(appender(directory, 1), 3)
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, _):
            epoch, head = journal.epoch, journal.head
            await journal.append(fills_from(head + 1, 10))
    kill_after(appender(directory, 2), 3)

    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, _):
            assert journal.epoch == epoch
            assert await journal.read([head + 10]) == fills_from(head + 10, 1)


async def test_append_beyond_the_room_of_a_file_is_refused_and_does_not_appear_later(directory: Path) -> None:
    """When a file cannot grow, the append fails and so does each one after it; what came before is there."""
    output, _ = appender(directory, 1, 1).communicate()
    *heads, first, second = output.splitlines()

    assert first.startswith(f"JournalUnavailable {directory}/journal.db cannot be read or written: ")
    assert second.startswith(f"JournalUnavailable {directory}/journal.db takes no more entries: ")
    assert (await read_directory(directory)).entries == fills_from(1, int(heads[-1]))


async def append_until_failure(journal: SqliteJournal) -> JournalUnavailable:
    """Appends commits of 100 entries until one fails; gives the failure."""
    while True:
        try:
            await journal.append(fills_from(journal.head + 1, 100))
        except JournalUnavailable as failure:
            return failure


async def test_full_disk_refuses_appends(mount_small_disk: Callable[[], Path]) -> None:
    """A full disk is named, and after it the journal takes nothing more, even if there is room again."""
    disk = mount_small_disk()
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    with DirectoryLock(disk / "data") as lock:
        async with open_directory(lock) as (journal, _):
            failure = await append_until_failure(journal)
            ballast.unlink()

            assert (
                str(failure)
                == f"{disk}/data/journal.db cannot be read or written: database or disk is full (SQLITE_FULL)"
            )
            with pytest.raises(JournalUnavailable, match=r"takes no more entries: .* database or disk is full"):
                await journal.append(fills_from(journal.head + 1, 1))


async def test_journal_is_complete_after_the_disk_was_full(mount_small_disk: Callable[[], Path]) -> None:
    """Once there is room, a new start finds every acknowledged entry and no other, and goes on."""
    disk = mount_small_disk()
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    with DirectoryLock(disk / "data") as lock:
        async with open_directory(lock) as (journal, _):
            await append_until_failure(journal)
            acknowledged = journal.head
    ballast.unlink()

    with DirectoryLock(disk / "data") as lock:
        async with open_directory(lock) as (journal, _):
            assert [entry for some in journal.scan(0) for entry in some] == fills_from(1, acknowledged)
            await journal.append(fills_from(acknowledged + 1, 100))


async def test_full_disk_is_refused_at_start(mount_small_disk: Callable[[], Path]) -> None:
    """A directory that has no room for its files is refused with the name of the file."""
    disk = mount_small_disk()
    (disk / "ballast").write_bytes(bytes((2 << 20) - 8192))

    with pytest.raises(JournalUnavailable, match=rf"^{disk}/data/journal.db cannot be read or written: "):
        await read_directory(disk / "data")
