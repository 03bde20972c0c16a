"""A data directory, and what is open in it."""

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from openpositions.journal.base import CheckpointStore, Journal
from openpositions.journal.checkpoint import SqliteCheckpoints
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from openpositions.journal.sqlite import SqliteJournal


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
async def opened(directory: Path) -> AsyncIterator[tuple[SqliteJournal, SqliteCheckpoints]]:
    """An empty journal and its checkpoints."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as both:
            yield both


@pytest.fixture
def journal(opened: tuple[SqliteJournal, SqliteCheckpoints]) -> Journal:
    """An empty journal."""
    return opened[0]


@pytest.fixture
def checkpoints(opened: tuple[SqliteJournal, SqliteCheckpoints]) -> CheckpointStore:
    """A store without a checkpoint."""
    return opened[1]


@pytest.fixture
def mount_small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Makes a disk of two megabytes, `rw` or `ro`, where the machine lets this user mount one."""
    disk = tmp_path / "disk"

    def mount(access: str = "rw") -> Path:
        disk.mkdir()
        command = ["/bin/mount", "-t", "tmpfs", "-o", f"size=2m,{access}", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
            pytest.skip("this user may not mount a disk")
        return disk

    yield mount
    if disk.is_mount():
        subprocess.run(["/bin/umount", str(disk)], check=True)
