"""Lines to a file or a pipe, whose reader may be slow or go away."""

from __future__ import annotations

import asyncio
import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

# A pipe that has room takes as much without waiting (POSIX); Windows tells nothing about its pipes.
_PIECE_BYTES = getattr(select, "PIPE_BUF", 4096)
_POLL = getattr(select, "poll", None)

_ROOM_SECONDS = 0.02
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
            while not self._events():  # noqa: ASYNC110 - no event loop tells it for every kind of file
                await asyncio.sleep(_ROOM_SECONDS)
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
