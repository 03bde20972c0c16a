"""What a stream says of the rows that were taken from it, whatever waits behind them."""

from __future__ import annotations

import asyncio
from typing import NoReturn, cast

from openpositions import Bookmark, PositionRow, PositionStream
from openpositions.client.runner import Runner, Sink
from openpositions.client.stream import WaitingRow
from tests.client.pair import Pair
from tests.events import bought_yes

WAITING_ROWS = 100


class Feed:
    """A runner that runs nothing: what its sink takes, a test says."""

    sink: Sink

    async def run(self) -> NoReturn:
        """Until it is cancelled."""
        await asyncio.Future()
        raise AssertionError


class Followed:
    """A stream over a book, and whoever reads it."""

    def __init__(self, *markets: str) -> None:
        self.pair = Pair()
        for market in markets:
            self.pair.book.feed(bought_yes(market, ticker=market))
        self.feed = Feed()
        self.stream = PositionStream(self.pair.follower, self._run_into, WAITING_ROWS)

    def _run_into(self, sink: Sink) -> Runner:
        self.feed.sink = sink
        return cast("Runner", self.feed)

    async def begin(self) -> asyncio.Task[PositionRow]:
        """Somebody asks for the first row."""
        first = asyncio.create_task(self._first())
        await asyncio.sleep(0)
        return first

    async def _first(self) -> PositionRow:
        return await anext(self.stream)

    async def hear(self, count: int | None = None) -> None:
        """So many frames come, or all; nobody takes anything meanwhile."""
        await self.feed.sink.take(self.pair.deliver(count))

    @property
    def state(self) -> tuple[bool, Bookmark | None]:
        """Whether it is stale, and its bookmark."""
        return self.stream.stale, self.stream.bookmark


async def test_it_is_current_behind_the_last_row_that_is_held() -> None:
    """And not while rows wait that were not taken: whoever went on from there would miss them."""
    followed = Followed("A", "B", "C")
    followed.pair.connect()
    first = await followed.begin()
    await followed.hear()
    states = [followed.state]
    await first
    states.append(followed.state)
    for _ in range(2):
        await anext(followed.stream)
        states.append(followed.state)
    await followed.stream.close()

    assert states == [(True, None), (True, None), (True, None), (False, Bookmark("e1", 3))]


async def test_what_ends_the_rows_may_come_after_the_last_was_taken() -> None:
    """It says so then, without another row."""
    followed = Followed("A")
    followed.pair.connect()
    first = await followed.begin()
    await followed.hear(2)  # the answer and the row
    await first
    before = followed.state
    await followed.hear()

    assert (before, followed.state) == ((True, None), (False, Bookmark("e1", 1)))
    await followed.stream.close()


async def test_nothing_held_is_told_at_once() -> None:
    """There is no row to take."""
    followed = Followed()
    followed.pair.connect()
    await followed.begin()
    await followed.hear()

    assert followed.state == (False, Bookmark("e1", 0))
    await followed.stream.close()


async def test_a_loss_is_not_forgotten_over_the_rows_that_waited() -> None:
    """The connection went while they did: the last of them is not the newest any more."""
    followed = Followed("A", "B")
    followed.pair.connect()
    first = await followed.begin()
    await followed.hear()
    followed.feed.sink.lost()
    await first
    await anext(followed.stream)
    lost = followed.state
    followed.pair.book.feed(bought_yes("C", ticker="C"))
    followed.pair.connect()
    await followed.hear()
    waits = followed.state
    await anext(followed.stream)

    assert lost == waits == (True, Bookmark("e1", 2))
    assert followed.state == (False, Bookmark("e1", 3))
    await followed.stream.close()


async def test_several_rows_are_fetched_and_taken_one_by_one() -> None:
    """As by a program without asyncio: what crossed to its thread is not taken yet."""
    followed = Followed("A", "B")
    followed.pair.connect()
    first = asyncio.ensure_future(followed.stream.several(WAITING_ROWS))
    await asyncio.sleep(0)
    await followed.hear(3)  # the answer and both rows
    several: list[WaitingRow] = await first
    followed.stream.took(several[0])
    await followed.hear()
    fetched = followed.state
    followed.stream.took(several[1])

    assert [one.row.market_ticker for one in several] == ["A", "B"]
    assert (fetched, followed.state) == ((True, None), (False, Bookmark("e1", 2)))
    await followed.stream.close()
