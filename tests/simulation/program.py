"""A program on our own library: what its portfolio shows is held against the truth, row by row."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from openpositions import Client
from tests.acceptance.websocket import PATIENCE_SECONDS
from tests.simulation.proxy import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from openpositions.core.position import Position
    from tests.acceptance.service import Caller
    from tests.properties.worth import Worth
    from tests.simulation.proxy import Proxy
    from tests.simulation.truth import Truth

Known = dict[tuple[int, str], tuple[Any, ...]]
"""By subaccount and market, all that a row says."""


class Program:
    """One user's program, which opens a portfolio and looks at it when it is quiet."""

    def __init__(self, caller: Caller, key_file: Path, proxy: Proxy) -> None:
        self.proxy = proxy
        self._user_id = caller.user_id
        self._client = Client(f"http://{HOST}:{proxy.port}", caller.key_id, key_file)

    async def __aenter__(self) -> Self:
        self._portfolio = await self._client.portfolio()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def learn(self, truth: Truth) -> None:
        """Returns when the portfolio shows the truth, and is not stale."""
        rows = {(row.subaccount, row.market_ticker): row for row in truth.journaled.book.rows_of(self._user_id)}
        worth = truth.worth(self._user_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * PATIENCE_SECONDS):
                async for _ in self._portfolio.changes():
                    if self._shown == worth and self._known == self._expected(rows) and not self._portfolio.stale:
                        return
        assert self._known == self._expected(rows)
        assert self._shown == worth
        assert not self._portfolio.stale

    @property
    def _known(self) -> Known:
        return {
            (row.subaccount, row.market_ticker): (
                *(row.position, row.cost, row.realized_pnl, row.fees_paid, row.fee_cost, row.volume),
                row.sequence,
            )
            for holding in self._portfolio.positions.values()
            for row in holding.rows
        }

    def _expected(self, rows: dict[tuple[int, str], Position]) -> Known:
        """Of the rows that are open, or that it saw close."""
        known = self._known
        return {
            name: (
                Decimal(row.position) / 100,
                *(Decimal(micros) / 1_000_000 for micros in (row.cost, row.realized_pnl, row.fees_paid, row.fee_cost)),
                Decimal(row.volume) / 100,
                row.sequence,
            )
            for name, row in rows.items()
            if row.position or name in known
        }

    @property
    def _shown(self) -> Worth:
        totals = self._portfolio.totals
        return {
            "realized_pnl_dollars": totals.realized_pnl,
            "unrealized_pnl_dollars": totals.unrealized_pnl,
            "fees_paid_dollars": totals.fees_paid,
            "exposure_dollars": totals.exposure,
            "market_value_dollars": totals.market_value,
            "open_markets": totals.open_markets,
            "unmarked_markets": list(totals.unmarked_markets),
        }
