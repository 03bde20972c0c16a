"""A data directory belongs to one process at a time."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from openpositions.errors import JournalLocked, JournalUnavailable
from openpositions.journal.lock import DirectoryLock


def test_second_holder_is_refused(directory: Path) -> None:
    """Whoever comes second is told which directory is taken and what to do."""
    with (
        DirectoryLock(directory),
        pytest.raises(JournalLocked, match=f"^{directory} is in use by another process; stop that one first"),
    ):
        DirectoryLock(directory)


def test_released_directory_can_be_locked_again(directory: Path) -> None:
    """The next one has it once it is let go."""
    DirectoryLock(directory).release()

    with DirectoryLock(directory) as lock:
        assert lock.directory == directory


def test_directory_is_made_for_its_owner_only(directory: Path) -> None:
    """A directory that was not there is made, and nobody else may look into it."""
    with DirectoryLock(directory / "inner"):
        assert stat.S_IMODE((directory / "inner").stat().st_mode) == 0o700


def test_every_level_of_a_new_directory_is_durable(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash loses no level: the directory that holds each is synced."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))

    with DirectoryLock(directory / "outer" / "inner"):
        assert synced == [made.stat().st_ino for made in (directory.parent, directory, directory / "outer")]


def test_birthmark_stays_from_lock_to_lock(directory: Path) -> None:
    """Locking a directory again does not make it another one."""
    with DirectoryLock(directory) as lock:
        first = lock.birthmark

    with DirectoryLock(directory) as lock:
        assert lock.birthmark == first


def test_renewed_birthmark_stays_too(directory: Path) -> None:
    """It is another one than before, and the one that the next start finds."""
    with DirectoryLock(directory) as lock:
        first = lock.birthmark
        lock.renew()
        renewed = lock.birthmark

    assert renewed != first
    with DirectoryLock(directory) as lock:
        assert lock.birthmark == renewed


def test_file_is_no_data_directory(directory: Path) -> None:
    """A file of that name is refused, and so is a directory inside of it."""
    directory.write_text("mine", encoding="utf-8")

    with pytest.raises(JournalUnavailable, match=f"^{directory} cannot be used as a data directory: File exists$"):
        DirectoryLock(directory)


def test_directory_on_a_read_only_disk_is_refused(mount_small_disk: Callable[..., Path]) -> None:
    """Where nothing can be written, nothing can be made durable."""
    disk = mount_small_disk("ro")

    with pytest.raises(JournalUnavailable, match=f"^{disk} cannot be used as a data directory: Read-only file system$"):
        DirectoryLock(disk)
