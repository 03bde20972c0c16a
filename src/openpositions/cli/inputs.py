"""Files that are read as bytes, `-` for standard input."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

_STDIN = "-"


def read_option(option: str, path: Path) -> bytes:
    """The small file that an option names. Raises Misconfigured when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{option} {path} cannot be read: {error.strerror}") from None


@contextmanager
def opened(name: str) -> Iterator[BufferedReader]:
    """The file of this name, or standard input. Raises Misconfigured when it cannot be read."""
    from_stdin = name == _STDIN
    try:
        file = open(sys.stdin.fileno() if from_stdin else name, "rb", closefd=not from_stdin)  # noqa: SIM115 - see below
    except OSError as error:
        raise Misconfigured(f"{name} cannot be read: {error.strerror}") from None
    with file:  # here, since not what is done inside but only the opening is to be translated
        yield file


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
