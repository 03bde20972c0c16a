"""How far the journal got, remembered outside of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zlib import crc32

from openpositions.errors import JournalUnavailable

if TYPE_CHECKING:
    from pathlib import Path


class Watermark:
    """The last sequence that was acknowledged, in a small file beside the journal.

    SQLite takes the end of a write-ahead log that is cut off or damaged for a commit that never happened, and drops it
    without a word. This file tells the difference. It is written after each commit and not synced: it survives any
    death of the process, and after a loss of power it may be behind, never ahead.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unavailable(error) from error

    def read(self) -> int:
        """The sequence; 0 when none was written, or when what is there is not what was written."""
        text = os.pread(self._file, 64, 0)
        number = text[:20]
        return int(number) if text and text == _sealed(number) else 0

    def write(self, sequence: int) -> None:
        """Remembers that everything up to here was acknowledged."""
        try:
            os.pwrite(self._file, _sealed(b"%020d" % sequence), 0)
        except OSError as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Lets go of the file."""
        os.close(self._file)

    def _unavailable(self, error: OSError) -> JournalUnavailable:
        return JournalUnavailable(f"{self._path} cannot be read or written: {error.strerror}")


def _sealed(number: bytes) -> bytes:
    return b"%b %08x\n" % (number, crc32(number))
