"""Lines to a file or a pipe, whose reader may be slow or go away."""

from __future__ import annotations

import asyncio
import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn, TextIO

# A pipe that has room takes as much without waiting (POSIX); Windows tells nothing about its pipes.
_PIECE_BYTES = getattr(select, "PIPE_BUF", 4096)
_POLL = getattr(select, "poll", None)

# How long it is waited for room: short where a reader is nearly as quick, long where somebody looks at a page.
_SHORTEST_ROOM_SECONDS, _LONGEST_ROOM_SECONDS = 0.001, 0.05
_GONE_SECONDS = 0.5


class LineOutput:
    """An open file descriptor. Writing to it does not hold up the event loop, however slow its reader is."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll = None
        if _POLL is not None:
            self._poll = _POLL()
            self._poll.register(self._fd, select.POLLOUT)

    async def write(self, line: bytes) -> None:
        """Returns when all of it was written. Raises BrokenPipeError when the reader is gone."""
        rest = memoryview(line)
        while rest:
            pause = _SHORTEST_ROOM_SECONDS
            while not self._events():  # no event loop tells it for every kind of file
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_ROOM_SECONDS)
            rest = rest[os.write(self._fd, rest[:_PIECE_BYTES]) :]

    async def reader_gone(self) -> NoReturn:
        """Raises BrokenPipeError when the reader of a pipe goes away, also while nothing is written."""
        while not (self._poll is not None and self._events() & select.POLLERR):  # noqa: ASYNC110 - as above
            await asyncio.sleep(_GONE_SECONDS)
        raise BrokenPipeError

    def _events(self) -> int:
        """What is the matter with it, room to write being one; always that where it cannot be asked."""
        if self._poll is None:
            return 1
        return next((events for _, events in self._poll.poll(0)), 0)


class TextOutput:
    """Standard output or error, for text that is written while others want to be served."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        try:
            self._output: LineOutput | None = LineOutput(stream.fileno())
        except OSError:  # something in this process stands for it, which takes everything at once
            self._output = None

    async def write(self, text: str) -> None:
        """Returns when all of it was written. Raises BrokenPipeError when the reader is gone."""
        if self._output is None:
            self._stream.write(text)
        else:
            await self._output.write(text.encode(self._stream.encoding, self._stream.errors or "strict"))
