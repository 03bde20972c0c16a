"""Which history a data directory holds: when it goes on, when a new one begins, and when it is refused."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openpositions.errors import JournalCorrupt
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from tests.journal.stored import checkpoint, copy_as_after_kill, fills_from, read_directory, row

CHECKPOINT = checkpoint(2, rows=[row("alice", 2)])


async def fill_directory(directory: Path, *, entries: int, saved: bool = True) -> str:
    """Appends so many entries, saves a checkpoint of two of them, and gives the epoch."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            await journal.append(fills_from(journal.head + 1, entries))
            if saved:
                await checkpoints.save(CHECKPOINT)
            return journal.epoch


async def epoch_and_through(directory: Path) -> tuple[str, int]:
    """The epoch of a directory, and how far its checkpoint goes."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            return journal.epoch, checkpoints.through


async def test_new_directories_have_different_epochs(tmp_path: Path) -> None:
    """Each new directory begins a history of its own."""
    first, _ = await epoch_and_through(tmp_path / "first")
    second, _ = await epoch_and_through(tmp_path / "second")

    assert len({first, second, ""}) == 3


async def test_epoch_and_checkpoint_stay_from_start_to_start(directory: Path) -> None:
    """A start that finds everything as it was goes on with the history and the checkpoint."""
    epoch = await fill_directory(directory, entries=3)

    assert await epoch_and_through(directory) == (epoch, 2)


@pytest.fixture
def shared_directory(directory: Path) -> Iterator[Path]:
    """A directory that everybody may use, under a process that lets everybody use what it makes."""
    before = os.umask(0)
    directory.mkdir(mode=0o777)
    yield directory
    os.umask(before)


def modes(directory: Path) -> dict[str, int]:
    """Who may do what, by the names of the files."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


async def test_only_the_owner_can_read_the_files_whatever_the_directory_allows(shared_directory: Path) -> None:
    """Those that SQLite makes beside its databases too."""
    with DirectoryLock(shared_directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            await journal.append(fills_from(1, 3))
            await checkpoints.save(CHECKPOINT)
            found = modes(shared_directory)

    databases = {f"{name}.db{end}" for name in ("journal", "checkpoint") for end in ("", "-wal", "-shm")}
    assert found == dict.fromkeys(databases | {"head", "lock"}, 0o600)


async def test_epoch_stays_when_the_directory_is_renamed(directory: Path, tmp_path: Path) -> None:
    """A directory under another name is the same directory."""
    epoch = await fill_directory(directory, entries=3)

    moved = Path(shutil.move(directory, tmp_path / "moved"))

    assert await epoch_and_through(moved) == (epoch, 2)


async def test_restored_copy_begins_a_new_epoch_and_keeps_its_checkpoint(directory: Path, tmp_path: Path) -> None:
    """A copy may lack what clients saw of the original, so they do not resume in it; once begun, its epoch stays."""
    epoch = await fill_directory(directory, entries=3)

    copy = shutil.copytree(directory, tmp_path / "copy")

    restored, through = await epoch_and_through(copy)
    assert restored != epoch
    assert through == 2
    assert await epoch_and_through(copy) == (restored, 2)


@pytest.mark.parametrize("put_back", [Path.rename, shutil.copy], ids=["as other files", "over the same files"])
async def test_backup_that_leaves_the_lock_file_alone_begins_a_new_epoch_too(
    directory: Path, tmp_path: Path, put_back: Callable[[Path, Path], object]
) -> None:
    """What followed the backup is gone, so whoever saw it may not resume."""
    epoch = await fill_directory(directory, entries=3)
    backup = Path(shutil.copytree(directory, tmp_path / "backup"))
    await fill_directory(directory, entries=2, saved=False)

    for name in ("journal.db", "checkpoint.db", "head"):
        put_back(backup / name, directory / name)

    restored, through = await epoch_and_through(directory)
    assert restored != epoch
    assert through == 2
    assert await epoch_and_through(directory) == (restored, 2)


async def test_copy_holds_what_the_original_held(directory: Path, tmp_path: Path) -> None:
    """A backup of an open directory has every acknowledged entry and the last checkpoint."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            await journal.append(fills_from(1, 3))
            await checkpoints.save(CHECKPOINT)
            copy = copy_as_after_kill(directory, tmp_path / "copy")

    stored = await read_directory(copy)

    assert stored.entries == fills_from(1, 3)
    assert stored.rows == [row("alice", 2)]


async def test_deleted_checkpoint_is_made_again_in_a_new_epoch(directory: Path) -> None:
    """Without checkpoint.db nothing shows that the journal is still the one that clients saw."""
    epoch = await fill_directory(directory, entries=3)

    (directory / "checkpoint.db").unlink()

    renewed, through = await epoch_and_through(directory)
    assert renewed != epoch
    assert through == 0


async def test_checkpoint_of_another_directory_is_not_believed(directory: Path, tmp_path: Path) -> None:
    """Rows of another history are thrown away, and made again from the journal."""
    await fill_directory(directory, entries=3)
    await fill_directory(tmp_path / "other", entries=3)

    shutil.copy(tmp_path / "other" / "checkpoint.db", directory)

    stored = await read_directory(directory)
    assert stored.rows == []
    assert stored.rest == checkpoint(0)._replace(rows=[], markets=[], identities=[], entries=[])


async def test_older_journal_is_refused(directory: Path, tmp_path: Path) -> None:
    """A journal that lacks acknowledged entries is refused; the message says how to go on with it on purpose."""
    await fill_directory(directory, entries=2)
    backup = shutil.copy(directory / "journal.db", tmp_path)
    await fill_directory(directory, entries=1, saved=False)

    shutil.copy(backup, directory / "journal.db")

    with pytest.raises(
        JournalCorrupt, match=r"ends at entry 2, but entry 3 was acknowledged: entries were lost, or an"
    ):
        await read_directory(directory)


async def test_older_journal_is_taken_once_the_checkpoint_is_deleted(directory: Path, tmp_path: Path) -> None:
    """Deleting checkpoint.db accepts the loss: the journal goes on from where it ends, in a new epoch, for good."""
    epoch = await fill_directory(directory, entries=2)
    backup = shutil.copy(directory / "journal.db", tmp_path)
    await fill_directory(directory, entries=1, saved=False)
    shutil.copy(backup, directory / "journal.db")

    (directory / "checkpoint.db").unlink()

    renewed, _ = await epoch_and_through(directory)
    assert renewed != epoch
    assert await epoch_and_through(directory) == (renewed, 0)
    assert (await read_directory(directory)).entries == fills_from(1, 2)


async def test_missing_journal_is_refused(directory: Path) -> None:
    """A directory whose journal is gone is not taken for a new one."""
    await fill_directory(directory, entries=3)

    (directory / "journal.db").unlink()

    with pytest.raises(JournalCorrupt, match="ends at entry 0, but entry 3 was acknowledged"):
        await read_directory(directory)


async def test_checkpoint_ahead_of_the_journal_is_refused(directory: Path) -> None:
    """What a checkpoint includes was in the journal, even when nothing else is known of it any more."""
    await fill_directory(directory, entries=1)
    (directory / "head").unlink()

    with pytest.raises(JournalCorrupt, match="ends at entry 1, but entry 2 was acknowledged"):
        await read_directory(directory)


@pytest.mark.parametrize("head", [b"", b"garbage", b"%020d %08x\n" % (9, 1)], ids=["empty", "garbage", "not sealed"])
async def test_unreadable_watermark_says_nothing(directory: Path, head: bytes) -> None:
    """The file `head` is only a witness: without it, the journal speaks for itself."""
    await fill_directory(directory, entries=3)

    (directory / "head").write_bytes(head)

    assert (await read_directory(directory)).entries == fills_from(1, 3)
