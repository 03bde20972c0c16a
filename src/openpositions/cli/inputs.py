"""Files that are read as bytes, `-` for standard input."""

from __future__ import annotations

import os
import select
import shutil
import sys
from contextlib import contextmanager
from io import BufferedReader, FileIO
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

_STDIN = "-"
_AT_ONCE_BYTES = 1 << 16


class ReadingStopped(Exception):
    """Somebody does not want any more of a file."""


class Input(FileIO):
    """A file that tells when it has nothing more for now, and whose reader can be stopped while it waits."""

    can_be_stopped = os.name == "posix"
    """Elsewhere only sockets can be waited for together with something else."""

    def __init__(self, file: str | int) -> None:
        super().__init__(file, closefd=isinstance(file, str))
        self.on_pause: Callable[[], None] = lambda: None
        """Called by the reader before it waits."""
        self._stopping, self._stop = os.pipe()

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """What there is, once there is something. Raises ReadingStopped."""
        if not self.can_be_stopped:
            if not self.seekable():
                self.on_pause()
        elif not self._has_something(0):
            self.on_pause()
            self._has_something(None)
        return super().readinto(buffer)

    def stop(self) -> None:
        """Lets the reader go, who waits now or reads next. From any thread."""
        os.write(self._stop, b".")

    def close(self) -> None:
        """Only when nobody reads any more."""
        if not self.closed:
            os.close(self._stopping)
            os.close(self._stop)
        super().close()

    def _has_something(self, seconds: float | None) -> bool:
        """Whether there is something to read, or the end, within so long; None is for ever."""
        ready, _, _ = select.select([self.fileno(), self._stopping], [], [], seconds)
        if self._stopping in ready:
            raise ReadingStopped
        return bool(ready)


def read_option(option: str, path: Path) -> bytes:
    """The small file that an option names. Raises Misconfigured when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{option} {path} cannot be read: {error.strerror}") from None


class InputStream(BufferedReader):
    """A file that is read by the line."""

    def __init__(self, source: Input) -> None:
        super().__init__(source, _AT_ONCE_BYTES)
        self.source = source


@contextmanager
def opened(name: str) -> Iterator[InputStream]:
    """The file of this name, or standard input. Raises Misconfigured when it cannot be read."""
    if name == _STDIN and sys.stdin is None:
        raise Misconfigured("- cannot be read: standard input is closed")
    try:
        source = Input(sys.stdin.fileno() if name == _STDIN else name)
    except OSError as error:
        raise Misconfigured(f"{name} cannot be read: {error.strerror}") from None
    file = InputStream(source)
    try:
        yield file
    finally:
        if source.can_be_stopped or name != _STDIN:  # else somebody may still read it, and closing would wait for that
            file.close()


@contextmanager
def opened_to_reread(name: str) -> Iterator[BinaryIO]:
    """The same, but `seek(0)` starts over: what cannot do so is copied to a temporary file first."""
    with opened(name) as file:
        if file.seekable():
            yield file
            return
        with TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy
