"""Lines of a file, read in a thread of their own: waiting for more of them does not hold up the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from openpositions.cli.event_lines import Line
from openpositions.cli.inputs import ReadingStopped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from openpositions.cli.event_lines import Item
    from openpositions.cli.inputs import Input
    from openpositions.wire.ingest.bodies import Rejection

LINES_A_BATCH = 1_000
BYTES_A_BATCH = 4 << 20


class Batch(NamedTuple):
    """Lines that are sent together, and what of the file was not even worth sending."""

    lines: list[Line]
    rejected: list[Rejection]

    @property
    def last_line(self) -> int:
        """The line of the file up to which this batch goes, where the file is read in its order."""
        return max([one.number for one in self.lines[-1:]] + [one.line for one in self.rejected[-1:]])


class Inflow:
    """What was read and not yet taken, one batch at most: the reader waits for room.

    Make it on the event loop that takes the batches; `run` belongs to the thread that reads.
    """

    def __init__(self, items: Iterator[Item], source: Input) -> None:
        self._items = items
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._worth_taking = asyncio.Event()
        """There is a whole batch, or input pauses, or nothing more comes."""
        self._changing = threading.Condition()
        """Held while any of these changes:"""
        self._batch = Batch([], [])
        self._bytes = 0
        self._stopped = False
        self._ended = False
        self._failure: Exception | None = None

    async def batches(self) -> AsyncIterator[Batch]:
        """The batches, in order. What is complete comes as soon as input pauses. Raises what the reading raises."""
        while True:
            await self._worth_taking.wait()
            with self._changing:
                self._worth_taking.clear()
                batch, ended = self._batch, self._ended
                self._batch, self._bytes = Batch([], []), 0
                self._changing.notify()
            if self._stopped:
                return
            if any(batch):
                yield batch
            if ended:
                break
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ends the batches and the reading; what was read and not taken is dropped."""
        with self._changing:
            self._stopped = True
            self._changing.notify()
        self._source.stop()
        self._worth_taking.set()

    def run(self) -> None:
        """Reads everything."""
        self._source.on_pause = self._pause
        try:
            for item in self._items:
                self._put(item)
        except ReadingStopped:
            pass
        except Exception as error:  # noqa: BLE001 - raised where the batches are taken
            self._failure = error
        self._end()

    def _put(self, item: Item) -> None:
        size = len(item.text) if isinstance(item, Line) else 0
        with self._changing:
            if self._has_no_room_for(size):
                self._tell()
                self._changing.wait_for(lambda: self._stopped or not self._has_no_room_for(size))
            if self._stopped:
                raise ReadingStopped
            if isinstance(item, Line):
                self._batch.lines.append(item)
            else:
                self._batch.rejected.append(item)
            self._bytes += size

    def _has_no_room_for(self, size: int) -> bool:
        count = len(self._batch.lines) + len(self._batch.rejected)
        return count == LINES_A_BATCH or bool(count and self._bytes + size > BYTES_A_BATCH)

    def _pause(self) -> None:
        with self._changing:
            if any(self._batch):
                self._tell()

    def _end(self) -> None:
        with self._changing:
            self._ended = True
            self._tell()

    def _tell(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._worth_taking.set)


@contextmanager
def flowing_in(items: Iterator[Item], source: Input) -> Iterator[Inflow]:
    """Items that are read while the body runs; on leaving, the reading is over."""
    inflow = Inflow(items, source)
    # Nobody waits at the end of the process for a thread that could not be stopped.
    reader = threading.Thread(target=inflow.run, name="reader", daemon=True)
    reader.start()
    try:
        yield inflow
    finally:
        inflow.stop()
        if source.can_be_stopped:
            reader.join()
