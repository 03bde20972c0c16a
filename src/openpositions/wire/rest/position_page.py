"""The rows of a user's open markets and of their events, as REST answers them (protocol, 4).

Fields are in alphabetical order, as the venue sends them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from openpositions.core.market import event_ticker_of
from openpositions.core.money import format_count, format_dollars_6, whole_contracts
from openpositions.wire.rest.forms import cents, format_time
from openpositions.wire.rest.parameters import format_cursor
from openpositions.wire.rest.settlement_page import was_settled
from openpositions.wire.rest.venue_queries import PositionsCursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openpositions.core.market import Market
    from openpositions.core.position import Position
    from openpositions.wire.rest.venue_queries import PositionsQuery


class MarketPosition(msgspec.Struct, gc=False):
    """A row of a market that is not settled. Integers are cents, rounded; texts are exact."""

    exchange_index: int
    fees_paid: int
    fees_paid_dollars: str
    last_updated_ts: str
    market_exposure: int
    market_exposure_dollars: str
    position: int
    position_fp: str
    realized_pnl: int
    realized_pnl_dollars: str
    resting_orders_count: int
    ticker: str
    total_traded: int
    total_traded_dollars: str


class EventPosition(msgspec.Struct, gc=False):
    """What the rows of an event add up to, settled ones included."""

    event_exposure: int
    event_exposure_dollars: str
    event_ticker: str
    fees_paid: int
    fees_paid_dollars: str
    realized_pnl: int
    realized_pnl_dollars: str
    total_cost: int
    total_cost_dollars: str
    total_cost_shares: int
    total_cost_shares_fp: str


class PositionsAnswer(msgspec.Struct):
    """A page of positions."""

    cursor: str
    event_positions: list[EventPosition]
    market_positions: list[MarketPosition]


class PositionsPage:
    """The rows of the markets that are not settled, in order of their tickers, and the events they belong to.

    An event row counts every row that the user has in the event: those of other pages, those that a filter left out
    and those of settled markets. An event is listed on the page whose ticker range contains the event ticker, for most
    events the page of their first row: so each is listed once, whatever rows come and go between two pages.

    A server hands over the rows in lists of any length, all as of one sequence, so that it can let other work through:
    first each row once to `take`, then each once to `add_up`, which sums the events.
    """

    def __init__(self, query: PositionsQuery, markets: Mapping[str, Market], as_of: int) -> None:
        self._query = query
        self._markets = markets
        self._as_of = as_of
        self._rows: list[Position] = []
        """The first rows of the page found so far, and one more, which shows whether another page follows."""
        self._found_events: set[str] = set()
        """The events past the cursor that have a row within the filter, on whatever page."""

    def take(self, rows: Iterable[Position]) -> None:
        """Takes rows of the user as they were at `as_of`."""
        query = self._query
        for row, event_ticker in self._in_events(rows):
            if self._is_open(row.market_ticker) and _matches(row, event_ticker, query):
                if row.market_ticker > query.after:
                    self._rows.append(row)
                if event_ticker > query.after:
                    self._found_events.add(event_ticker)
        self._rows.sort(key=_ticker_of)
        del self._rows[query.limit + 1 :]

    def add_up(self, rows: Iterable[Position]) -> None:
        """Takes the same rows again."""
        events = self._events
        for row, event_ticker in self._in_events(rows):
            if event_ticker in events:
                events[event_ticker].append(row)

    def body(self) -> bytes:
        """The answer."""
        answer = PositionsAnswer(
            cursor="" if self._last is None else format_cursor(PositionsCursor(self._last)),
            event_positions=[_event_position(ticker, rows) for ticker, rows in self._events.items()],
            market_positions=[market_position(row) for row in self._rows[: self._query.limit]],
        )
        return msgspec.json.encode(answer)

    @cached_property
    def _last(self) -> str | None:
        """The ticker that the page ends with; None for the last page, which has no end."""
        limit = self._query.limit
        return self._rows[limit - 1].market_ticker if len(self._rows) > limit else None

    @cached_property
    def _events(self) -> dict[str, list[Position]]:
        """The events of the page, in order, each with its rows as they are added up."""
        last = self._last
        return {ticker: [] for ticker in sorted(one for one in self._found_events if last is None or one <= last)}

    def _in_events(self, rows: Iterable[Position]) -> Iterator[tuple[Position, str]]:
        """The rows of the subaccount, each with its event ticker."""
        markets, subaccount = self._markets, self._query.subaccount
        for row in rows:
            if row.subaccount == subaccount:
                market = markets.get(row.market_ticker)
                yield row, event_ticker_of(row.market_ticker) if market is None else market.event_ticker

    def _is_open(self, market_ticker: str) -> bool:
        market = self._markets.get(market_ticker)
        return market is None or not was_settled(market, self._as_of)


def _matches(row: Position, event_ticker: str, query: PositionsQuery) -> bool:
    return (
        (query.ticker is None or query.ticker == row.market_ticker)
        and (query.event_ticker is None or query.event_ticker == event_ticker)
        and (not query.nonzero or any(getattr(row, name) for name in query.nonzero))
    )


def _ticker_of(row: Position) -> str:
    return row.market_ticker


def market_position(row: Position) -> MarketPosition:
    """The row of a market that is not settled."""
    return MarketPosition(
        exchange_index=0,
        fees_paid=cents(row.fees_paid),
        fees_paid_dollars=format_dollars_6(row.fees_paid),
        last_updated_ts=format_time(row.ts_ms),
        market_exposure=cents(row.cost),
        market_exposure_dollars=format_dollars_6(row.cost),
        position=whole_contracts(row.position),
        position_fp=format_count(row.position),
        realized_pnl=cents(row.realized_pnl),
        realized_pnl_dollars=format_dollars_6(row.realized_pnl),
        resting_orders_count=0,
        ticker=row.market_ticker,
        total_traded=cents(row.total_traded),
        total_traded_dollars=format_dollars_6(row.total_traded),
    )


def _event_position(event_ticker: str, rows: list[Position]) -> EventPosition:
    exposure = sum(row.cost for row in rows)
    fees_paid = sum(row.fees_paid for row in rows)
    realized_pnl = sum(row.realized_pnl for row in rows)
    traded = sum(row.total_traded for row in rows)
    volume = sum(row.volume for row in rows)
    return EventPosition(
        event_exposure=cents(exposure),
        event_exposure_dollars=format_dollars_6(exposure),
        event_ticker=event_ticker,
        fees_paid=cents(fees_paid),
        fees_paid_dollars=format_dollars_6(fees_paid),
        realized_pnl=cents(realized_pnl),
        realized_pnl_dollars=format_dollars_6(realized_pnl),
        total_cost=cents(traded),
        total_cost_dollars=format_dollars_6(traded),
        total_cost_shares=whole_contracts(volume),
        total_cost_shares_fp=format_count(volume),
    )
