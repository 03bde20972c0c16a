"""The REST reads of a service, page after page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from openpositions.client.backoff import Backoff
from openpositions.client.records import RestBalance, RestFills, RestSettlements
from openpositions.client.rows import RestPositions, row_of_rest
from openpositions.errors import ServiceUnavailable, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openpositions.client.link import Link
    from openpositions.client.records import Balance, Fill, Settlement
    from openpositions.client.rows import PositionRow

_Page = TypeVar("_Page", RestPositions, RestFills, RestSettlements)

_ROWS_A_PAGE = 1_000
_ATTEMPTS = 4


class Reads:
    """What can be asked of a service besides what it sends by itself. Everything raises RequestFailed."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def balance(self, subaccount: int | None = None) -> Balance:
        """Cash and the value of what is open."""
        return (await self._link.get("/portfolio/balance", RestBalance, subaccount=subaccount)).typed()

    async def fills(
        self,
        *,
        ticker: str | None = None,
        order_id: str | None = None,
        min_ts: int | None = None,
        max_ts: int | None = None,
        subaccount: int | None = None,
    ) -> AsyncIterator[Fill]:
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
    ) -> AsyncIterator[Settlement]:
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

    async def positions(self, *, subaccount: int, ticker: str | None = None) -> AsyncIterator[PositionRow]:
        """The rows of the markets that are not settled, of one subaccount; a row does not say whose it is."""
        async for page in self._pages("/portfolio/positions", RestPositions, ticker=ticker, subaccount=subaccount):
            for row in page.market_positions:
                yield row_of_rest(row, None, subaccount)

    async def _pages(self, path: str, kind: type[_Page], **parameters: str | int | None) -> AsyncIterator[_Page]:
        cursor: str | None = None
        while cursor != "":
            page = await self._page(path, kind, cursor, **parameters)
            yield page
            cursor = page.cursor

    async def _page(self, path: str, kind: type[_Page], cursor: str | None, **parameters: str | int | None) -> _Page:
        """One page; asked for again, after a pause, when the service has no time for it."""
        backoff = Backoff()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._link.get(path, kind, limit=_ROWS_A_PAGE, cursor=cursor, **parameters)
            except (TooManyRequests, ServiceUnavailable):
                if attempt == _ATTEMPTS:
                    raise
                await self._link.pause(backoff.next_seconds())
        raise AssertionError  # the last attempt returns or raises
