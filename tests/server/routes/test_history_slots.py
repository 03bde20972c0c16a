"""HistorySlots of long reads."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from openpositions.server.routes.history_slots import HistorySlots


async def hold(slots: HistorySlots, user_id: str, started: asyncio.Queue[str], go_on: asyncio.Event) -> None:
    """Takes a slot and keeps it until `go_on`."""
    async with slots.slot(user_id):
        await started.put(user_id)
        await go_on.wait()


async def test_two_go_on_at_once_in_order_of_arrival() -> None:
    """The third starts when one of them is done."""
    slots, started, go_on = HistorySlots(), asyncio.Queue[str](), asyncio.Event()
    waiting = [asyncio.create_task(hold(slots, user, started, go_on)) for user in ("alice", "bob", "carol")]

    assert [await started.get(), await started.get()] == ["alice", "bob"]
    assert started.empty()
    go_on.set()
    assert await started.get() == "carol"
    await asyncio.gather(*waiting)


async def test_fifth_of_one_user_is_refused_and_others_are_not() -> None:
    """Once one of the four is done, another may come."""
    slots, started, go_on = HistorySlots(), asyncio.Queue[str](), asyncio.Event()
    waiting = [asyncio.create_task(hold(slots, "alice", started, go_on)) for _ in range(4)]
    await started.get()

    with pytest.raises(web.HTTPTooManyRequests):
        async with slots.slot("alice"):
            pass
    waiting.append(asyncio.create_task(hold(slots, "bob", started, go_on)))
    go_on.set()
    await asyncio.gather(*waiting)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slots.slot("alice"))
