"""One row in JSON, with every number that the book keeps and what it is worth at the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.money import format_count, format_dollars
from openpositions.core.valuation import market_value, unrealized_pnl

if TYPE_CHECKING:
    from openpositions.core.position import Position


class WholeRow(msgspec.Struct):
    """One row whole; counts and money are exact texts."""

    user_id: str
    market_ticker: str
    subaccount: int
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    position_fee_cost_dollars: str
    volume_fp: str
    total_traded_dollars: str
    market_value_dollars: str | None
    """At the mark of the market; None while it has none."""
    unrealized_pnl_dollars: str | None
    sequence: int
    ts_ms: int


class RowAnswer(msgspec.Struct):
    """The row, as of a sequence."""

    row: WholeRow | None
    """None where that user never traded in the market."""
    sequence: int
    """Of the book that was read."""


def row_body(row: Position, mark_bp: int | None, sequence: int) -> bytes:
    """The answer about a row, valued at a mark; one that no entry changed is not there."""
    return msgspec.json.encode(RowAnswer(_form(row, mark_bp) if row.sequence else None, sequence))


def _form(row: Position, mark_bp: int | None) -> WholeRow:
    return WholeRow(
        row.user_id,
        row.market_ticker,
        row.subaccount,
        format_count(row.position),
        format_dollars(row.cost),
        format_dollars(row.realized_pnl),
        format_dollars(row.fees_paid),
        format_dollars(row.fee_cost),
        format_count(row.volume),
        format_dollars(row.total_traded),
        _or_unknown(market_value(row, mark_bp)),
        _or_unknown(unrealized_pnl(row, mark_bp)),
        row.sequence,
        row.ts_ms,
    )


def _or_unknown(micros: int | None) -> str | None:
    return None if micros is None else format_dollars(micros)
