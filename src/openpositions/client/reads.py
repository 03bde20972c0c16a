"""The REST reads of a service, page after page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from openpositions.client.backoff import Backoff
from openpositions.client.records import RestBalance, RestFills, RestSettlements
from openpositions.client.rows import RestPositions, row_of_rest
from openpositions.errors import ServiceUnavailable, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from openpositions.client.link import Link
    from openpositions.client.records import Balance, Fill, Settlement
    from openpositions.client.rows import PositionRow

T = TypeVar("T")
_Page = TypeVar("_Page", RestPositions, RestFills, RestSettlements)

_ROWS_A_PAGE = 1_000

PATIENCE_SECONDS = 60.0
"""How long an answer to one question is waited for, pauses included; the last attempt may take some longer."""


class Reads:
    """What can be asked of a service besides what it sends by itself. Everything raises RequestFailed.

    429, 5xx and lost connections are waited out for `patience_seconds`, with pauses that grow and are as long as the
    service wants them to be.
    """

    def __init__(self, link: Link, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._link = link
        self._patience_seconds = patience_seconds

    async def balance(self, subaccount: int | None = None) -> Balance:
        """Cash and the value of what is open."""
        return (await self._ask("/portfolio/balance", RestBalance, subaccount=subaccount)).typed()

    async def fills(
        self,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> AsyncGenerator[Fill, None]:
        """The fills, newest first; `min_ts` and `max_ts` are Unix seconds, both included."""
        async for page in self._pages(
            "/portfolio/fills",
            RestFills,
            ticker=ticker,
            order_id=order_id,
            min_ts=min_ts,
            max_ts=max_ts,
            subaccount=subaccount,
        ):
            for fill in page.fills:
                yield fill.typed()

    async def settlements(
        self,
        *,
        ticker: str | None = None,
        event_ticker: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> AsyncGenerator[Settlement, None]:
        """The settlements, newest first; `min_ts` and `max_ts` are Unix seconds, both included."""
        async for page in self._pages(
            "/portfolio/settlements",
            RestSettlements,
            ticker=ticker,
            event_ticker=event_ticker,
            min_ts=min_ts,
            max_ts=max_ts,
            subaccount=subaccount,
        ):
            for settlement in page.settlements:
                yield settlement.typed()

    async def positions(self, *, subaccount: int, ticker: str | None = None) -> AsyncGenerator[PositionRow, None]:
        """The rows of the markets that are not settled, of one subaccount; a row does not say whose it is."""
        async for page in self._pages("/portfolio/positions", RestPositions, ticker=ticker, subaccount=subaccount):
            for row in page.market_positions:
                yield row_of_rest(row, None, subaccount)

    async def _pages(self, path: str, kind: type[_Page], **parameters: str | int | None) -> AsyncGenerator[_Page, None]:
        cursor: str | None = None
        while cursor != "":
            page = await self._ask(path, kind, limit=_ROWS_A_PAGE, cursor=cursor, **parameters)
            yield page
            cursor = page.cursor

    async def _ask(self, path: str, answer: type[T], **parameters: str | int | None) -> T:
        """The answer to a read, which is asked again while the service has no time, or is not to be reached.

        A service that never answered is not waited for: most likely its URL is wrong.
        """
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + self._patience_seconds
        backoff = Backoff()
        while True:
            try:
                return await self._link.get(path, answer, **parameters)
            except (TooManyRequests, ServiceUnavailable) as error:
                pause_seconds = (error.retry_after_seconds or 0.0) + backoff.next_seconds()
                if not self._link.was_answered or clock() + pause_seconds > give_up_at:
                    raise
            await self._link.pause(pause_seconds)
