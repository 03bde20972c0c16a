"""One user with markets of their own, on a service that other tests use too."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from tests.acceptance.http import feed, fill, settlement

if TYPE_CHECKING:
    from openpositions import PositionRow
    from tests.acceptance.service import Service


class Account:
    """Trades in markets that are called A, B, C and so on in a test, and are nobody else's."""

    def __init__(self, service: Service, user: str) -> None:
        self.service = service
        self.user = user
        self._numbers = count(1)

    def ticker(self, market: str) -> str:
        """The whole name of a market."""
        return f"{self.user}-{market}"

    def market(self, row: PositionRow) -> str:
        """The short name of a row's market."""
        return row.market_ticker.removeprefix(f"{self.user}-")

    async def buy(
        self,
        market: str,
        side: str = "yes",
        count: str = "10.00",
        price: str = "0.5000",
        fee: str = "0",
        **more: object,
    ) -> int:
        """Acquires contracts of a side at the price of that side; the sequence then."""
        trade_id = f"{self.user}-{next(self._numbers)}"
        return await feed(self.service, fill(trade_id, self.user, self.ticker(market), side, count, price, fee, **more))

    async def settle(self, market: str, result: str = "yes", **more: object) -> int:
        """Ends a market; the sequence then."""
        return await feed(self.service, settlement(self.ticker(market), result, **more))

    async def mark(self, market: str, price: str) -> None:
        """Prices a market."""
        message = {"market_ticker": self.ticker(market), "price_dollars": price}
        await feed(self.service, {"type": "ticker", "msg": message})
