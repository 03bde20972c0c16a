"""An iterator that goes on where another one left off, perhaps in another process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from openpositions import Bookmark, Client, PositionStream
from openpositions.client.follower import Follower
from openpositions.errors import InvalidInput
from tests.client.account import Account
from tests.client.pair import Pair, told
from tests.client.watching import PATIENCE_SECONDS
from tests.events import bought_yes, settled

Connect = Callable[..., Client]

only_full = pytest.mark.parametrize("kind", ["full"], indirect=True)


async def positions(account: Account, stream: PositionStream, count: int) -> list[tuple[str, float]]:
    """Market and position of the next so many rows."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        rows = [await anext(stream) for _ in range(count)]
    return [(account.market(row), float(row.position)) for row in rows]


@only_full
async def test_what_changed_in_between_is_told_and_nothing_else(account: Account, connect: Connect) -> None:
    """Also what was settled; a bookmark survives JSON."""
    client = connect()
    for market in "ABC":
        await account.buy(market)
    async with client.positions() as stream:
        assert await positions(account, stream, 3) == [("A", 10), ("B", 10), ("C", 10)]
        await account.buy("A")
        assert await positions(account, stream, 1) == [("A", 20)]
        kept = json.dumps(stream.bookmark)
    await account.settle("B")
    await account.buy("C")
    async with client.positions(since=Bookmark(*json.loads(kept))) as stream:
        # The last row may be told again: it may not have been the last of its sequence.
        assert await positions(account, stream, 3) == [("A", 20), ("B", 0), ("C", 20)]


@only_full
async def test_there_is_none_before_everything_held_was_taken(account: Account, connect: Connect) -> None:
    """Whoever goes on from there would miss what had not been told."""
    for market in "AB":
        await account.buy(market)
    async with connect().positions() as stream:
        assert stream.bookmark is None
        await positions(account, stream, 1)
        assert stream.bookmark is None


@pytest.mark.parametrize("kind", ["plain-2025", "plain-2026"], indirect=True)
async def test_without_extensions_there_is_none(account: Account, connect: Connect) -> None:
    """And what is held is told anew, whatever bookmark is given."""
    await account.buy("A")
    async with connect().positions(since=Bookmark("e", 7)) as stream:
        assert await positions(account, stream, 1) == [("A", 10)]
        await account.buy("A")
        assert await positions(account, stream, 1) == [("A", 20)]
        assert stream.bookmark is None


def test_in_another_history_every_row_is_told() -> None:
    """Flat ones too, because whoever holds the bookmark may know them as open."""
    pair = Pair(Follower(since=Bookmark("before", 2)))
    pair.book.feed(bought_yes("t1"), bought_yes("t2", ticker="SNOW"), settled("yes", ticker="SNOW"))
    assert dict(told(pair.settle_down())) == {"RAIN": 10, "SNOW": 0}


@pytest.mark.parametrize(
    "since",
    ["e1", ("e1", 2), Bookmark("e1", "2"), Bookmark(None, 2), Bookmark("e1", -1), Bookmark("e" * 129, 2)],  # type: ignore[arg-type]
)
def test_what_is_no_bookmark_is_refused(since: Bookmark) -> None:
    """At once."""
    with pytest.raises(InvalidInput, match="since"):
        Follower(since=since)
