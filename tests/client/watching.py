"""Somebody who iterates over rows and remembers them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from openpositions import Portfolio, PositionRow, PositionStream
    from tests.client.account import Account

# Whoever waits longer for something waits for nothing.
PATIENCE_SECONDS = 30


class Amounts(NamedTuple):
    """What every kind of service tells of a row, as numbers."""

    position: float
    cost: float
    realized_pnl: float | None
    fees_paid: float | None


class Watcher:
    """Takes every row of a stream. In an `async with` statement it does so in the background."""

    def __init__(self, account: Account, stream: PositionStream) -> None:
        self.stream = stream
        self.told: list[PositionRow] = []
        self._account = account
        self._came = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        await self.stream.close()

    @property
    def rows(self) -> dict[str, PositionRow]:
        """The newest row of each market of subaccount 0."""
        return {self._account.market(row): row for row in self.told if row.subaccount == 0}

    @property
    def amounts(self) -> dict[str, Amounts]:
        """What the newest row of each market says."""
        return {market: amounts_of(row) for market, row in self.rows.items()}

    async def until(self, holds: Callable[[], bool]) -> None:
        """Returns when something holds; a failure of the stream is raised."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._came:
            while not holds():
                if self._task.done():
                    self._task.result()
                    raise AssertionError("the stream ended")
                await self._came.wait()

    async def until_amounts(self, **expected: tuple[float, float, float, float]) -> None:
        """Returns when exactly these markets are known, with position, cost, realized P&L and fees."""
        try:
            await self.until(lambda: self.amounts == expected)
        except TimeoutError:
            assert expected == self.amounts

    async def until_positions(self, expected: dict[str, float]) -> None:
        """Returns when exactly these markets are known, with these positions."""
        try:
            await self.until(lambda: {market: of.position for market, of in self.amounts.items()} == expected)
        except TimeoutError:
            assert expected == {market: of.position for market, of in self.amounts.items()}

    async def _watch(self) -> None:
        try:
            async for row in self.stream:
                async with self._came:
                    self.told.append(row)
                    self._came.notify_all()
        finally:
            async with self._came:
                self._came.notify_all()


def amounts_of(row: PositionRow) -> Amounts:
    """The four amounts of a row."""
    return Amounts(float(row.position), float(row.cost), _number(row.realized_pnl), _number(row.fees_paid))


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


async def until(portfolio: Portfolio, holds: Callable[[], bool]) -> None:
    """Returns when something holds of a portfolio."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for _ in portfolio.changes():
            if holds():
                return
