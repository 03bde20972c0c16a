"""Passes over all rows of a user, whose turns are shared out by user: nobody waits for all that another one asks."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Row = TypeVar("_Row")

# Going over this many takes about 3 ms, after which other work gets its turn.
ROWS_A_SLICE = 1_000
# Reads of one user under way: what a few programs of theirs ask for together. Each holds a list of the user's rows.
OF_ONE_USER = 8


class _Own:
    """What one user has under way."""

    def __init__(self) -> None:
        self.count = 0
        self.turn = asyncio.Lock()
        """Held by the pass that goes on; the others wait."""


class LongPasses:
    """Goes over rows in slices: one slice at a time, those of several users in turn, and one pass of a user at a time.

    So a read waits for its own slices and as many of each other user, however much those ask for.
    """

    def __init__(self) -> None:
        self._slice = asyncio.Lock()  # whoever waits longest gets it next
        self._of_user: dict[str, _Own] = {}

    async def go_over(self, user_id: str, rows: list[_Row], *takes: Callable[[list[_Row]], None]) -> None:
        """Hands all rows to the first `take`, then to the next; few rows at once, many in slices.

        Raises HTTPTooManyRequests when the user has too many such passes under way.
        """
        if len(rows) <= ROWS_A_SLICE:
            for take in takes:
                take(rows)
            return
        with self._place(user_id) as turn:
            async with turn:
                for take in takes:
                    for start in range(0, len(rows), ROWS_A_SLICE):
                        async with self._slice:
                            take(rows[start : start + ROWS_A_SLICE])
                            await asyncio.sleep(0)

    @contextmanager
    def _place(self, user_id: str) -> Iterator[asyncio.Lock]:
        own = self._of_user.setdefault(user_id, _Own())
        if own.count == OF_ONE_USER:
            raise web.HTTPTooManyRequests
        own.count += 1
        try:
            yield own.turn
        finally:
            own.count -= 1
            if not own.count:
                del self._of_user[user_id]
