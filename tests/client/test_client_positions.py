"""`client.positions()` against a real service of each kind: the full one, and the venue's protocol in both dialects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from openpositions import Client
from tests.client.account import Account
from tests.client.proxy import Proxy
from tests.client.watching import Watcher

Connect = Callable[..., Client]


async def test_what_is_held_comes_first_and_then_what_changes(account: Account, connect: Connect) -> None:
    """Rows from before, then a row for each change, whatever the service speaks."""
    await account.buy("A", price="0.4000", fee="0.1700")
    async with Watcher(account, connect().positions()) as watcher:
        await watcher.until_amounts(A=(10, 4, 0, 0.17))
        await account.buy("A", "no", count="4.00", price="0.5000")
        await watcher.until_amounts(A=(6, 2.4, 0.4, 0.17))
        await account.buy("B", "no", count="3.00", price="0.2000")
        await watcher.until_amounts(A=(6, 2.4, 0.4, 0.17), B=(-3, 0.6, 0, 0))


async def test_a_settlement_makes_a_row_flat(account: Account, connect: Connect) -> None:
    """Payout less cost is realized."""
    await account.buy("A", price="0.4000")
    async with Watcher(account, connect().positions()) as watcher:
        await watcher.until_amounts(A=(10, 4, 0, 0))
        await account.settle("A", "yes")
        await watcher.until_amounts(A=(0, 0, 6, 0))


async def test_only_the_markets_that_were_asked_for_are_told(account: Account, connect: Connect) -> None:
    """Of what is held and of what changes."""
    for market in "ABC":
        await account.buy(market)
    async with Watcher(account, connect().positions([account.ticker("A"), account.ticker("B")])) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0), B=(10, 5, 0, 0))
        await account.buy("C")
        await account.buy("A")
        await watcher.until_amounts(A=(20, 10, 0, 0), B=(10, 5, 0, 0))


async def test_nothing_is_missed_while_the_connection_is_cut(account: Account, proxy: Proxy, connect: Connect) -> None:
    """Fills, a new market and a settlement in between are all told after it."""
    await account.buy("A")
    await account.buy("B", price="0.4000")
    await account.buy("B", "no", count="4.00", price="0.5000", fee="0.0100")
    async with Watcher(account, connect(proxy.url).positions()) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0), B=(6, 2.4, 0.4, 0.01))
        proxy.is_down = True
        proxy.cut()
        await account.buy("A")
        await account.settle("B", "yes")
        await account.buy("C")
        proxy.is_down = False
        await watcher.until_amounts(A=(20, 10, 0, 0), B=(0, 0, 4, 0.01), C=(10, 5, 0, 0))


async def test_a_killed_service_is_found_again(account: Account, proxy: Proxy, connect: Connect) -> None:
    """After kill -9 and a new start, rows go on where they were."""
    await account.buy("A")
    async with Watcher(account, connect(proxy.url).positions()) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0))
        account.service.kill()
        account.service.start()
        await account.buy("A")
        await watcher.until_amounts(A=(20, 10, 0, 0))


async def test_a_planned_stop_is_no_end(account: Account, proxy: Proxy, connect: Connect) -> None:
    """1012 means: come back."""
    await account.buy("A")
    async with Watcher(account, connect(proxy.url).positions()) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0))
        # In a thread: the client answers the close, and the proxy carries it.
        await asyncio.to_thread(account.service.stop)
        account.service.start()
        await account.buy("A")
        await watcher.until_amounts(A=(20, 10, 0, 0))


async def test_a_silent_connection_is_given_up(account: Account, proxy: Proxy, connect: Connect) -> None:
    """A network that swallows everything is noticed, and another connection made."""
    await account.buy("A")
    async with Watcher(account, connect(proxy.url, quiet_seconds=0.2).positions()) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0))
        connections = proxy.accepted
        proxy.silence()
        await account.buy("A")
        await proxy.until_accepted(connections + 1)
        assert watcher.stream.stale
        proxy.speak()
        await watcher.until_amounts(A=(20, 10, 0, 0))


@pytest.mark.parametrize("kind", ["full"], indirect=True)
async def test_a_quiet_service_is_believed_in(account: Account, proxy: Proxy, connect: Connect) -> None:
    """As long as it answers a ping, the connection stays."""
    await account.buy("A")
    async with Watcher(account, connect(proxy.url, quiet_seconds=0.5).positions()) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0))
        connections = proxy.accepted
        await asyncio.sleep(1.6)  # not a wait for anything: three times the quiet that it asks after
        await account.buy("A")
        await watcher.until_amounts(A=(20, 10, 0, 0))
        assert proxy.accepted == connections


async def test_continuity_is_what_the_service_can_promise(kind: str, account: Account, connect: Connect) -> None:
    """Exact with sequences from a service with extensions, probable without."""
    sequence = await account.buy("A")
    stream = connect().positions()
    assert stream.continuity is None
    async with Watcher(account, stream) as watcher:
        await watcher.until_amounts(A=(10, 5, 0, 0))
        assert stream.continuity == ("exact" if kind == "full" else "probable")
        assert watcher.rows["A"].sequence == (sequence if kind == "full" else None)
