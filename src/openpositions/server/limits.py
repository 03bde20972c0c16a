"""How much a peer may ask for: rates, memory that bodies being read may take, and how long they may come."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class TokenBucket:
    """Lets `rate` requests a second through, and a burst of as many."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._tokens = rate
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more request may pass at this time, in seconds of any clock that does not go back."""
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class UserRates:
    """A bucket per user. The least recently seen is forgotten when there are too many; by then it is full again."""

    def __init__(self, rate: float, users: int = 100_000) -> None:
        self._rate = rate
        self._users = users
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, user_id: str, now: float) -> bool:
        """Whether one more request of this user may pass, at a time as of `TokenBucket.take`."""
        bucket = self._buckets.pop(user_id, None) or TokenBucket(self._rate)
        self._buckets[user_id] = bucket
        if len(self._buckets) > self._users:
            self._buckets.popitem(last=False)
        return bucket.take(now)


class BodyBudget:
    """Bytes of bodies that may be in memory at once; who comes later waits before reading.

    One user holds at most half of them, or one body: whose bodies come slowly keeps nobody else waiting.
    """

    def __init__(self, total_bytes: int) -> None:
        self._total = total_bytes
        self._free = total_bytes
        self._held: Counter[str] = Counter()
        """By user."""
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def reserve(self, size: int, user_id: str) -> AsyncIterator[None]:
        """Holds `size` bytes of the budget for a user; it must not exceed the total."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._fits(size, user_id))
            self._free -= size
            self._held[user_id] += size
        try:
            yield
        finally:
            self._free += size
            self._held[user_id] -= size
            if not self._held[user_id]:
                del self._held[user_id]
            async with self._changed:
                self._changed.notify_all()

    def _fits(self, size: int, user_id: str) -> bool:
        held = self._held[user_id]
        return size <= self._free and (not held or held + size <= self._total // 2)


async def read_body(request: web.Request, seconds: float) -> bytes:
    """The whole body, no longer than the application takes. Raises HTTPRequestTimeout when it is not there in time."""
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"the body did not arrive within {seconds:g} s") from None
