"""A data directory belongs to one process at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from openpositions.errors import JournalLocked, JournalUnavailable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path


class DirectoryLock:
    """The right to use a data directory, from here to `release` or to the end of the process, however it ends.

    Makes the directory, readable by its owner only, when it is not there. Raises JournalLocked when another process
    holds it, and JournalUnavailable when it cannot be made, written or locked.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        if fcntl is None:
            raise JournalUnavailable(
                f"{directory} cannot be locked on Windows, so no service runs on it there; WSL and containers can"
            )
        try:
            _make(directory)
            self._file = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalUnavailable(f"{directory} cannot be used as a data directory: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            if isinstance(error, BlockingIOError):
                raise JournalLocked(
                    f"{directory} is in use by another process; stop that one first, or name another directory"
                ) from None
            raise JournalUnavailable(f"{directory} cannot be locked: {error.strerror}") from error
        self.birthmark = self._read_birthmark()
        """Another one in every copy of the directory: no copy keeps when the lock file was written last."""

    def renew(self) -> None:
        """Gives the directory another birthmark, so that files of earlier starts are told when they are put back.

        Raises JournalUnavailable when it cannot be written.
        """
        try:
            os.pwrite(self._file, b"%b\n" % uuid4().hex.encode(), 0)
            os.fsync(self._file)
        except OSError as error:
            raise JournalUnavailable(f"{self.directory / 'lock'} cannot be written: {error.strerror}") from error
        self.birthmark = self._read_birthmark()

    def _read_birthmark(self) -> str:
        status = os.fstat(self._file)
        return f"{status.st_ino} {status.st_ctime_ns} {os.pread(self._file, 64, 0).decode(errors='replace')}".rstrip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Lets another process have the directory."""
        os.close(self._file)


def _make(directory: Path) -> None:
    """Makes a directory and its parents, each durable: a durable file in one that is not would be lost with it."""
    if directory.is_dir():
        return
    if not directory.parent.is_dir():
        _make(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    parent = os.open(directory.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
