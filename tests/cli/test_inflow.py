"""How a file is read beside the event loop: in batches, and what is complete as soon as input pauses."""

import asyncio
import os
import threading
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Self

import pytest

from openpositions.cli.event_lines import Item, Line, read_events
from openpositions.cli.inflow import Inflow, flowing_in
from openpositions.cli.inputs import Input, InputStream, opened
from openpositions.errors import Misconfigured
from openpositions.wire.ingest.bodies import Rejection

PATIENCE_SECONDS = 20


class Pipe:
    """Both ends of a pipe."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.stream = InputStream(Input(reading))
        self.feeder = FileIO(writing, "w")
        self._reading = reading

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.feeder.close()
        os.close(self._reading)


async def numbers(inflow: Inflow) -> list[list[int]]:
    """The numbers of the lines of all batches."""
    return [[line.number for line in batch.lines] async for batch in inflow.batches()]


async def test_batches_of_a_file_have_a_thousand_lines(tmp_path: Path) -> None:
    """But for the last."""
    (tmp_path / "file").write_bytes(b'{"a":1}\n' * 2_001)

    with opened(str(tmp_path / "file")) as stream, flowing_in(read_events(stream), stream.source) as inflow:
        batches = await numbers(inflow)

    assert [len(batch) for batch in batches] == [1_000, 1_000, 1]
    assert [number for batch in batches for number in batch] == list(range(1, 2_002))


async def test_batches_have_at_most_four_megabytes() -> None:
    """Nine lines of half a megabyte are two batches."""
    items: list[Item] = [Line(number, b" " * (1 << 19)) for number in range(9)]

    with Pipe() as pipe, flowing_in(iter(items), pipe.stream.source) as inflow:
        assert await numbers(inflow) == [[0, 1, 2, 3, 4, 5, 6, 7], [8]]


async def test_what_was_not_even_worth_sending_counts_too() -> None:
    """However many bad lines a file has, few are held at a time."""
    items: list[Item] = [Rejection(number, "invalid_json", "no") for number in range(1_500)]
    with Pipe() as pipe, flowing_in(iter(items), pipe.stream.source) as inflow:
        assert [len(batch.rejected) async for batch in inflow.batches()] == [1_000, 500]


async def test_complete_lines_come_as_soon_as_input_pauses() -> None:
    """While the pipe stays open; a line that is not complete waits for its end."""
    with Pipe() as pipe, flowing_in(read_events(pipe.stream), pipe.stream.source) as inflow:
        batches = inflow.batches()
        async with asyncio.timeout(PATIENCE_SECONDS):
            pipe.feeder.write(b'{"a":1}\n{"a":2}\n{"a"')
            first = await anext(batches)
            pipe.feeder.write(b":3}\n")
            second = await anext(batches)

    assert first.lines == [Line(1, b'{"a":1}\n'), Line(2, b'{"a":2}\n')]
    assert second.lines == [Line(3, b'{"a":3}\n')]


async def test_reading_ends_when_it_is_stopped() -> None:
    """Also while it waits for more, and no thread is left."""
    with Pipe() as pipe:
        with flowing_in(read_events(pipe.stream), pipe.stream.source) as inflow:
            pipe.feeder.write(b'{"a":1}\n{"a":')
            batches = inflow.batches()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await anext(batches)
                inflow.stop()
                rest = [batch async for batch in batches]

        assert rest == []
        assert "reader" not in [thread.name for thread in threading.enumerate()]


async def test_reader_that_waits_for_room_can_be_stopped(tmp_path: Path) -> None:
    """Nobody takes the batches any more."""
    (tmp_path / "file").write_bytes(b'{"a":1}\n' * 5_000)

    with opened(str(tmp_path / "file")) as stream, flowing_in(read_events(stream), stream.source) as inflow:
        await anext(inflow.batches())

    assert "reader" not in [thread.name for thread in threading.enumerate()]


async def test_what_goes_wrong_comes_after_what_was_read() -> None:
    """So that nothing complete is lost for it."""

    def items() -> Iterator[Item]:
        yield Line(1, b"{}\n")
        raise Misconfigured("too long")

    with Pipe() as pipe, flowing_in(items(), pipe.stream.source) as inflow:
        batches = inflow.batches()
        assert (await anext(batches)).lines == [Line(1, b"{}\n")]
        with pytest.raises(Misconfigured, match="too long"):
            await anext(batches)
