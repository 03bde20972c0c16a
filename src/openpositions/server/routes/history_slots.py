"""Who may go through a long history now: a pass over a million entries takes seconds, and everybody else goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_AT_ONCE = 2
# So nobody makes a queue that others wait in.
_OF_ONE_USER = 4


class HistorySlots:
    """Lets two passes go on at once; of one user four may be under way or wait."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._of_user: Counter[str] = Counter()

    @asynccontextmanager
    async def slot(self, user_id: str) -> AsyncIterator[None]:
        """Waits for a slot and holds it. Raises HTTPTooManyRequests when the user has too many."""
        if self._of_user[user_id] == _OF_ONE_USER:
            raise web.HTTPTooManyRequests
        self._of_user[user_id] += 1
        try:
            async with self._free:
                yield
        finally:
            self._of_user[user_id] -= 1
            if not self._of_user[user_id]:
                del self._of_user[user_id]
