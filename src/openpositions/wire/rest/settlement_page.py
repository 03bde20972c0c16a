"""A user's rows in settled markets, as REST answers them (protocol, 4). Fields are in alphabetical order."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions.core.money import format_count, format_dollars_6, price_cents, whole_contracts
from openpositions.wire.rest.forms import cents, format_time
from openpositions.wire.rest.parameters import format_cursor
from openpositions.wire.rest.venue_queries import SettlementsCursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.core.market import Market
    from openpositions.core.position import Position
    from openpositions.wire.rest.venue_queries import SettlementsQuery


class SettlementRow(msgspec.Struct, kw_only=True, gc=False):
    """A row of a settled market. Integers are rounded, cents or contracts; texts are exact."""

    event_ticker: str
    exchange_index: int
    fee_cost: str
    market_result: str
    no_count: int
    no_count_fp: str
    no_total_cost: int
    no_total_cost_dollars: str
    revenue: int
    settled_time: str
    ticker: str
    value: int | msgspec.UnsetType = msgspec.UNSET
    """Cents that a YES contract paid; left out for a void market, because clients take no null."""
    yes_count: int
    yes_count_fp: str
    yes_total_cost: int
    yes_total_cost_dollars: str


class SettlementsAnswer(msgspec.Struct):
    """A page of settlements."""

    cursor: str
    settlements: list[SettlementRow]


class _Settled(NamedTuple):
    order: tuple[int, int]
    """The settlement's sequence, negative so that the newest comes first, and the subaccount: a stable key."""
    row: Position
    market: Market


def was_settled(market: Market, as_of: int) -> bool:
    """Whether the market was settled at a sequence, by what is known of it now."""
    return market.settled_sequence is not None and market.settled_sequence <= as_of


class SettlementsPage:
    """The rows of settled markets, newest settlement first.

    Counts and costs are of all contracts ever acquired, both sides, those closed before the settlement included.
    `revenue` is what the settlement paid for the rest, and `fee_cost` repeats the fees of the fills. Without
    adjustments, realized P&L = 1 dollar per closed pair + revenue - yes_total_cost - no_total_cost.

    Rows that busts left entirely empty are omitted.
    """

    def __init__(self, query: SettlementsQuery, market_of: Callable[[str], Market], as_of: int) -> None:
        self._query = query
        self._market_of = market_of
        self._as_of = as_of
        self._after = (-query.after[0], query.after[1]) if query.after else None
        self._rows: list[_Settled] = []
        """The first rows of the page found so far, and one more, which shows whether another page follows."""

    def take(self, rows: Iterable[Position]) -> None:
        """Takes rows of the user as they were at `as_of`."""
        for row in rows:
            market = self._market_of(row.market_ticker)
            if was_settled(market, self._as_of) and self._matches(row, market):
                order = -(market.settled_sequence or 0), row.subaccount
                if self._after is None or order > self._after:
                    self._rows.append(_Settled(order, row, market))
        # No two rows of a user have the same order: one settlement settles one market.
        self._rows = nsmallest(self._query.limit + 1, self._rows)

    def body(self) -> bytes:
        """The answer, once every row was taken."""
        page = self._rows[: self._query.limit]
        cursor = ""
        if len(page) < len(self._rows):
            negative_sequence, subaccount = page[-1].order
            cursor = format_cursor(SettlementsCursor(-negative_sequence, subaccount))
        return msgspec.json.encode(SettlementsAnswer(cursor, [settlement_row(one.row, one.market) for one in page]))

    def _matches(self, row: Position, market: Market) -> bool:
        query = self._query
        settled_ts = (market.settled_ts_ms or 0) // 1000
        return (
            query.subaccount in {None, row.subaccount}
            and query.ticker in {None, row.market_ticker}
            and query.event_ticker in {None, market.event_ticker}
            and (query.min_ts is None or settled_ts >= query.min_ts)
            and (query.max_ts is None or settled_ts <= query.max_ts)
            and not is_empty(row)
        )


def is_empty(row: Position) -> bool:
    """Whether nothing of any event is left in a row, as after the bust of its only fill."""
    return not (row.volume or row.payout or row.realized_pnl or row.fees_paid)


def settlement_row(row: Position, market: Market) -> SettlementRow:
    """The row of a settled market."""
    return SettlementRow(
        event_ticker=market.event_ticker,
        exchange_index=0,
        fee_cost=format_dollars_6(row.fees_paid),
        market_result=market.result or "",
        no_count=whole_contracts(row.no_volume),
        no_count_fp=format_count(row.no_volume),
        no_total_cost=cents(row.no_traded),
        no_total_cost_dollars=format_dollars_6(row.no_traded),
        revenue=cents(row.payout),
        settled_time=format_time(market.settled_ts_ms or 0),
        ticker=row.market_ticker,
        value=msgspec.UNSET if market.value_bp is None else price_cents(market.value_bp),
        yes_count=whole_contracts(row.yes_volume),
        yes_count_fp=format_count(row.yes_volume),
        yes_total_cost=cents(row.yes_traded),
        yes_total_cost_dollars=format_dollars_6(row.yes_traded),
    )
