"""Reads that go over many rows: who waits for whom, and who is refused."""

import asyncio
from functools import partial

import pytest
from aiohttp import web

from openpositions.server.routes.long_passes import LongPasses


class Reads:
    """Reads of users, and whose slices were taken, in order."""

    def __init__(self) -> None:
        self.passes = LongPasses()
        self.slices: list[str] = []

    def read(self, user_id: str, rows: int) -> asyncio.Task[None]:
        """Goes over so many rows of a user."""
        return asyncio.create_task(self.passes.go_over(user_id, list(range(rows)), partial(self.take, user_id)))

    def take(self, user_id: str, rows: list[int]) -> None:
        """Notes whose rows were gone over."""
        assert len(rows) <= 1_000
        self.slices.append(user_id)


async def test_read_of_few_rows_waits_for_nobody() -> None:
    """Although others have much under way."""
    reads = Reads()
    others = [reads.read("alice", 30_000) for _ in range(8)]
    await asyncio.sleep(0)

    await reads.passes.go_over("bob", list(range(1_000)), partial(reads.take, "bob"), partial(reads.take, "bob"))

    assert reads.slices == ["alice", "bob", "bob"]
    for other in others:
        other.cancel()


async def test_users_take_turns_by_the_slice() -> None:
    """Between the two slices of a read stands one of another user, who has 240 of them under way."""
    reads = Reads()
    others = [reads.read("alice", 30_000) for _ in range(8)]
    await asyncio.sleep(0)

    await reads.read("bob", 1_500)

    assert reads.slices[reads.slices.index("bob") : -1] == ["bob", "alice", "bob"]
    await asyncio.gather(*others)
    assert reads.slices.count("alice") == 240


async def test_all_rows_are_gone_over_once_before_they_are_gone_over_again() -> None:
    """The first pass finds what the second one adds up."""
    first: list[int] = []
    second: list[int] = []

    def add_up(rows: list[int]) -> None:
        assert len(first) == 2_500
        second.extend(rows)

    await LongPasses().go_over("alice", list(range(2_500)), first.extend, add_up)

    assert first == second == list(range(2_500))


async def test_ninth_read_of_one_user_is_refused_and_others_are_not() -> None:
    """Until one of the eight is done, or its client is gone."""
    reads = Reads()
    under_way = [reads.read("alice", 30_000) for _ in range(8)]
    await asyncio.sleep(0)

    with pytest.raises(web.HTTPTooManyRequests):
        await reads.read("alice", 30_000)
    await reads.read("bob", 2_000)
    under_way[3].cancel()
    await asyncio.wait([under_way[3]])
    await asyncio.gather(reads.read("alice", 30_000), *under_way[:3], *under_way[4:])

    assert reads.slices.count("alice") == 240
