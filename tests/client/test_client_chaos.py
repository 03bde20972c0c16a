"""Several clients through cuts, silence, a kill, a stop and bursts: once it is quiet, all of them know what is true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from random import Random
from typing import Any

import pytest
from aiohttp import ClientError

from openpositions import Client
from tests.acceptance.http import ask, fill, ndjson, settlement
from tests.client.account import Account
from tests.client.proxy import Proxy
from tests.client.watching import Watcher, until

ROUNDS, MARKETS, SEED = 45, 12, 1


class Mayhem:
    """Trades, and what happens to the network and the service in between."""

    def __init__(self, account: Account, proxies: list[Proxy]) -> None:
        self._account = account
        self._proxies = proxies
        self._random = Random(SEED)
        self._trades = 0
        self.positions = dict.fromkeys(range(MARKETS), 0)
        self.settled: set[int] = set()

    async def run(self) -> None:
        """All of it, then quiet."""
        for round_ in range(ROUNDS):
            await self._feed([self._fill() for _ in range(self._random.randrange(1, 60))])
            await self._disturb()
            if round_ % 20 == 10:
                market = self._random.randrange(MARKETS)
                self.settled.add(market)
                await self._feed([settlement(self._account.ticker(f"M{market}"), "yes")])
            if round_ == ROUNDS // 3:
                self._account.service.kill()
                self._account.service.start()
            if round_ == 2 * ROUNDS // 3:
                await asyncio.to_thread(self._account.service.stop)
                self._account.service.start()
        for proxy in self._proxies:
            proxy.is_down = False
            proxy.speak()

    async def _disturb(self) -> None:
        proxy = self._random.choice(self._proxies)
        match self._random.randrange(6):
            case 0:
                proxy.cut()
            case 1:
                proxy.is_down = not proxy.is_down
            case 2:
                proxy.silence()
            case 3:
                proxy.speak()
            case _:
                await asyncio.sleep(self._random.uniform(0, 0.02))  # not a wait for anything: the moment is random

    def _fill(self) -> dict[str, Any]:
        self._trades += 1
        market, side = self._random.randrange(MARKETS), self._random.choice(["yes", "no"])
        self.positions[market] += 1 if side == "yes" else -1
        ticker = self._account.ticker(f"M{market}")
        return fill(f"{self._account.user}-{self._trades}", self._account.user, ticker, side, count="1.00")

    async def _feed(self, events: list[dict[str, Any]]) -> None:
        """Feeding a batch again is safe, so it is fed until it is taken."""
        service = self._account.service
        while True:
            try:
                answer = await ask(service, service.callers["feeder"], "POST", "/v1/events", ndjson(events))
            except (ClientError, OSError):
                continue
            assert answer.status == 200, answer
            return

    @property
    def expected(self) -> dict[str, float]:
        """The position of each market."""
        return {f"M{market}": 0 if market in self.settled else position for market, position in self.positions.items()}


@pytest.mark.parametrize("kind", ["full", "plain-2026"], indirect=True)
async def test_whatever_happens_everybody_knows_what_is_true_in_the_end(
    account: Account, connect: Callable[..., Client]
) -> None:
    """Two iterators and a portfolio, each over a network of its own."""
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(account.service)) for _ in range(3)]
        clients = [connect(proxy.url, quiet_seconds=0.3, waiting_rows=5) for proxy in proxies]
        watchers = [await stack.enter_async_context(Watcher(account, client.positions())) for client in clients[:2]]
        portfolio = await clients[2].portfolio()
        mayhem = Mayhem(account, proxies)
        await mayhem.run()
        expected = mayhem.expected
        for watcher in watchers:
            await watcher.until_positions(expected)
        await until(
            portfolio,
            lambda: (
                {account.market(one.rows[0]): float(one.position) for one in portfolio.positions.values()} == expected
                and not portfolio.stale
            ),
        )
