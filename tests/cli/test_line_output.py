"""Lines for a reader who may be slow or go away."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from openpositions.cli import line_output
from openpositions.cli.line_output import LineOutput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 30

# More than any pipe holds.
LONG = b"x" * 3_000_000 + b"\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Where to read and where to write; a test may close either."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


async def test_reader_that_takes_nothing_holds_up_nobody(pipe: tuple[int, int]) -> None:
    """Other work goes on meanwhile; when it reads again it gets everything."""
    reading, writing = pipe
    task = asyncio.create_task(LineOutput(writing).write(LONG))
    done, _ = await asyncio.wait([task], timeout=0.1)
    assert not done

    received = await asyncio.to_thread(_read, reading, len(LONG))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await task

    assert received == LONG


async def test_write_to_a_reader_who_is_gone(pipe: tuple[int, int]) -> None:
    """Fails as such."""
    reading, writing = pipe
    os.close(reading)

    with pytest.raises(BrokenPipeError):
        await LineOutput(writing).write(b"x\n")


async def test_reader_who_goes_away_is_noticed_while_nothing_is_written(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it is there, nothing happens."""
    monkeypatch.setattr(line_output, "_GONE_SECONDS", 0.01)
    reading, writing = pipe
    task = asyncio.create_task(LineOutput(writing).reader_gone())
    done, _ = await asyncio.wait([task], timeout=0.05)
    assert not done

    os.close(reading)
    with pytest.raises(BrokenPipeError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task


async def test_file(tmp_path: Path) -> None:
    """Is written as it is."""
    with (tmp_path / "lines").open("wb") as file:
        await LineOutput(file.fileno()).write(LONG)

    assert (tmp_path / "lines").read_bytes() == LONG


async def test_system_that_cannot_be_asked(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written to without asking."""
    monkeypatch.setattr(line_output, "_POLL", None)
    reading, writing = pipe
    await LineOutput(writing).write(b"x\n")

    assert os.read(reading, 10) == b"x\n"


def _read(fd: int, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        received += os.read(fd, 1 << 16)
    return bytes(received)
