"""Keeps what is held in one market offset in another: a small trading program, written with pykalshi.

Somebody quotes in MARKET and is filled now and then; this program buys the opposite in HEDGE until the two cancel out.
It knows three things the hard way, and the tests beside it make each happen: an order takes a while to show in the
position, what was traded while the socket was down is in no frame, and a position may have a fraction of a contract.

    python hedger.py MARKET HEDGE
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import NamedTuple

from pykalshi import Action, AsyncKalshiClient, Side, TimeInForce
from pykalshi.afeed import AsyncFeed

CHECK_SECONDS = 0.5
"""How often it looks whether the socket came back or an order went unanswered."""
PATIENCE_SECONDS = 5.0
"""An order that moved no position for so long is taken to have filled nothing."""


class Order(NamedTuple):
    """What to buy."""

    ticker: str
    side: str
    contracts: int


Buy = Callable[[Order], Awaitable[None]]


class Hedger:
    """Buys in one market what offsets the position in another.

    `buy` sends an order to the exchange and returns when it was taken; what it filled shows in the positions.
    """

    def __init__(self, client: AsyncKalshiClient, feed: AsyncFeed, buy: Buy, market: str, hedge: str) -> None:
        self._client, self._feed, self._buy = client, feed, buy
        self._market, self._hedge = market, hedge
        self.positions = {market: Decimal(0), hedge: Decimal(0)}
        """Net contracts, YES positive."""
        self._ordered = Decimal(0)
        """Contracts that were ordered and did not show yet, signed like a position."""
        self._ordered_at = 0.0
        self._heard: set[str] = set()

    async def run(self) -> None:
        """Hedges until it is cancelled."""
        self._feed.subscribe("market_positions", market_tickers=[self._market, self._hedge])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._look_after())

    async def _listen(self) -> None:
        async for message in self._feed:
            ticker = getattr(message, "market_ticker", None)
            if ticker in self.positions:
                self._heard.add(ticker)
                self._moved(ticker, Decimal(message.position_fp))
                await self._offset()

    async def _look_after(self) -> None:
        """Reads the positions at first and after each reconnect, and gives up on orders that filled nothing."""
        connections = None
        while True:
            if self._feed.is_connected and connections != self._feed.reconnect_count:
                connections = self._feed.reconnect_count
                await self._read()
            if self._ordered and asyncio.get_running_loop().time() > self._ordered_at + PATIENCE_SECONDS:
                self._ordered = Decimal(0)
                await self._read()
            await asyncio.sleep(CHECK_SECONDS)

    async def _read(self) -> None:
        """Takes the positions from REST, but not over a frame that came while they were on their way."""
        self._heard.clear()
        rows = await self._client.portfolio.get_positions(fetch_all=True)
        held = {row.ticker: Decimal(row.position_fp) for row in rows}
        for ticker in self.positions.keys() - self._heard:
            self._moved(ticker, held.get(ticker, Decimal(0)))
        await self._offset()

    def _moved(self, ticker: str, position: Decimal) -> None:
        """Notes a position; what moved towards an order is no longer awaited."""
        change = position - self.positions[ticker]
        self.positions[ticker] = position
        if ticker == self._hedge and change * self._ordered > 0:
            left = self._ordered - change
            self._ordered = left if left * self._ordered > 0 else Decimal(0)

    async def _offset(self) -> None:
        """Buys what is missing, in whole contracts, unless it is on its way already."""
        missing = -self.positions[self._market] - self.positions[self._hedge] - self._ordered
        contracts = int(missing)  # towards 0: a fraction of a contract stays unhedged
        if contracts and not self._ordered:
            self._ordered = Decimal(contracts)
            self._ordered_at = asyncio.get_running_loop().time()
            await self._buy(Order(self._hedge, "yes" if contracts > 0 else "no", abs(contracts)))


async def main(market: str, hedge: str) -> None:
    """Hedges a real account: the key comes from KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH."""
    async with AsyncKalshiClient(
        api_key_id=os.environ["KALSHI_API_KEY_ID"], private_key_path=os.environ["KALSHI_PRIVATE_KEY_PATH"]
    ) as client:

        async def buy(order: Order) -> None:
            await client.portfolio.place_order(
                order.ticker,
                Action.BUY,
                Side(order.side),
                f"{order.contracts}.00",
                # At any price: a hedge that waits is none.
                **{f"{order.side}_price_dollars": "0.9900"},
                time_in_force=TimeInForce.IOC,
            )

        await Hedger(client, client.feed(), buy, market, hedge).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
