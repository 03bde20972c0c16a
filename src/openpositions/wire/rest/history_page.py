"""Rows of a user as they were, in JSON: every field of them, so that later rows can be made by adding what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.market import Market
from openpositions.core.money import (
    COUNT_DECIMALS,
    MONEY_DECIMALS,
    PRICE_DECIMALS,
    format_count,
    format_dollars_6,
    format_price,
    parse_fixed,
)
from openpositions.core.position import Position
from openpositions.wire.rest.forms import format_time
from openpositions.wire.rest.history_query import HistoryCursor
from openpositions.wire.rest.parameters import format_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from openpositions.core.position import RowKey
    from openpositions.wire.rest.history_query import HistoryQuery


class HistoryRow(msgspec.Struct, kw_only=True, gc=False):
    """One row as of a moment, under the names of the frames; counts and money are exact texts."""

    market_ticker: str
    event_ticker: str
    subaccount: int
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    position_fee_cost_dollars: str
    volume_fp: str
    total_traded_dollars: str
    yes_volume_fp: str
    yes_traded_dollars: str
    no_volume_fp: str
    no_traded_dollars: str
    received_dollars: str
    """1 dollar per closed YES/NO pair, plus payouts of settlements."""
    payout_dollars: str
    """Of these what settlements paid."""
    market_result: str | None
    """What the market was settled as; null while it is not, like the three after it."""
    settlement_value_dollars: str | None
    """Null for `void` too."""
    settled_ts_ms: int | None
    settled_sequence: int | None
    sequence: int
    """Of the last entry that changed the row."""
    ts_ms: int
    last_updated_ts: str
    """The same time as RFC 3339."""

    def position(self, user_id: str) -> Position:
        """The row. Raises MalformedNumber where a text is no number."""
        return Position(
            user_id,
            self.subaccount,
            self.market_ticker,
            parse_fixed(self.position_fp, COUNT_DECIMALS),
            parse_fixed(self.position_cost_dollars, MONEY_DECIMALS),
            parse_fixed(self.realized_pnl_dollars, MONEY_DECIMALS),
            parse_fixed(self.fees_paid_dollars, MONEY_DECIMALS),
            parse_fixed(self.position_fee_cost_dollars, MONEY_DECIMALS),
            parse_fixed(self.yes_volume_fp, COUNT_DECIMALS),
            parse_fixed(self.yes_traded_dollars, MONEY_DECIMALS),
            parse_fixed(self.no_volume_fp, COUNT_DECIMALS),
            parse_fixed(self.no_traded_dollars, MONEY_DECIMALS),
            parse_fixed(self.received_dollars, MONEY_DECIMALS),
            self.sequence,
            self.ts_ms,
            parse_fixed(self.payout_dollars, MONEY_DECIMALS),
        )

    def market(self) -> Market:
        """The market, as far as the line has it. Raises MalformedNumber where a text is no number."""
        value = self.settlement_value_dollars
        return Market(
            self.market_ticker,
            self.event_ticker,
            result=self.market_result,
            value_bp=None if value is None else parse_fixed(value, PRICE_DECIMALS),
            settled_ts_ms=self.settled_ts_ms,
            settled_sequence=self.settled_sequence,
        )


class HistoryAnswer(msgspec.Struct, kw_only=True):
    """A page of rows."""

    user_id: str
    sequence: int
    """The last entry of the journal that the rows include."""
    as_of_ms: int | None
    """And of its entries, where asked for, only those whose events are of this time or before."""
    cursor: str
    market_positions: list[HistoryRow]


class HistoryPage:
    """Rows in order of (ticker, subaccount). A page may be short or empty and yet have a cursor to go on from."""

    def __init__(self, user_id: str, query: HistoryQuery, market_of: Callable[[str], Market]) -> None:
        self._user_id = user_id
        self._query = query
        self._market_of = market_of
        self._rows: list[tuple[tuple[str, int], Position]] = []
        """The first rows of the page found so far, and one more, which shows whether another page follows."""

    def take(self, rows: Iterable[Position]) -> None:
        """Takes rows of the user as they are now."""
        after, longest = self._query.after, self._query.limit + 1
        # A full page passes over what is beyond its end at once: reading many rows goes over all of them for each page.
        end = self._rows[-1][0] if len(self._rows) == longest else None
        for row in rows:
            order = row.market_ticker, row.subaccount
            if order > after and (end is None or order < end) and self._may_match(row):
                self._rows.append((order, row))
        self._rows.sort()  # no two rows of a user have the same order
        del self._rows[longest:]

    def rows(self) -> list[Position]:
        """The rows of the page, as they are now."""
        return [row for _, row in self._rows[: self._query.limit]]

    def body(self, past: Mapping[RowKey, Position]) -> bytes:
        """The answer, given what the rows of the page were."""
        moment = self._query.moment
        rows = self.rows()
        cursor = ""
        if len(rows) < len(self._rows):
            cursor = format_cursor(HistoryCursor(rows[-1].market_ticker, rows[-1].subaccount, moment.sequence))
        return msgspec.json.encode(
            HistoryAnswer(
                user_id=self._user_id,
                sequence=moment.sequence,
                as_of_ms=moment.ts_ms,
                cursor=cursor,
                market_positions=[
                    _row(past[row.key], moment.market(self._market_of(row.market_ticker)))
                    for row in rows
                    if row.key in past and (past[row.key].position or not self._query.open)
                ],
            )
        )

    def _may_match(self, row: Position) -> bool:
        """Whether the row is asked for; of one that changed since, only its past will tell whether it was open."""
        query = self._query
        return (
            (query.subaccount is None or query.subaccount == row.subaccount)
            and (query.ticker is None or query.ticker == row.market_ticker)
            and (
                not query.open or row.position != 0 or not query.moment.is_past(row, self._market_of(row.market_ticker))
            )
        )


def _row(row: Position, market: Market) -> HistoryRow:
    value_bp = market.value_bp
    return HistoryRow(
        market_ticker=row.market_ticker,
        event_ticker=market.event_ticker,
        subaccount=row.subaccount,
        position_fp=format_count(row.position),
        position_cost_dollars=format_dollars_6(row.cost),
        realized_pnl_dollars=format_dollars_6(row.realized_pnl),
        fees_paid_dollars=format_dollars_6(row.fees_paid),
        position_fee_cost_dollars=format_dollars_6(row.fee_cost),
        volume_fp=format_count(row.volume),
        total_traded_dollars=format_dollars_6(row.total_traded),
        yes_volume_fp=format_count(row.yes_volume),
        yes_traded_dollars=format_dollars_6(row.yes_traded),
        no_volume_fp=format_count(row.no_volume),
        no_traded_dollars=format_dollars_6(row.no_traded),
        received_dollars=format_dollars_6(row.received),
        payout_dollars=format_dollars_6(row.payout),
        market_result=market.result if market.settled else None,
        settlement_value_dollars=format_price(value_bp) if market.settled and value_bp is not None else None,
        settled_ts_ms=market.settled_ts_ms,
        settled_sequence=market.settled_sequence,
        sequence=row.sequence,
        ts_ms=row.ts_ms,
        last_updated_ts=format_time(row.ts_ms),
    )
