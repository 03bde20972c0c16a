"""A position as a test reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from openpositions.client.exact import scaled
from openpositions.core.money import COUNT_DECIMALS, MONEY_DECIMALS

if TYPE_CHECKING:
    from openpositions.core.position import Position


class Row(NamedTuple):
    """One user's position in one market; contracts and dollars are exact."""

    user_id: str
    subaccount: int
    market_ticker: str
    position: Decimal
    """Net contracts: YES positive, NO negative."""
    cost: Decimal
    """Dollars paid for the contracts held, fees excluded."""
    realized_pnl: Decimal
    """Dollars, gross of fees."""
    fees_paid: Decimal
    fee_cost: Decimal
    """Dollars of fees of the contracts still held."""
    volume: Decimal
    """Contracts ever acquired, on both sides."""
    sequence: int
    """The journal's sequence of the last change."""


def read_row(row: Position) -> Row:
    """A row of the book in units of people."""
    return Row(
        row.user_id,
        row.subaccount,
        row.market_ticker,
        _contracts(row.position),
        _dollars(row.cost),
        _dollars(row.realized_pnl),
        _dollars(row.fees_paid),
        _dollars(row.fee_cost),
        _contracts(row.volume),
        row.sequence,
    )


def _contracts(count_centi: int) -> Decimal:
    return scaled(count_centi, -COUNT_DECIMALS)


def _dollars(micros: int) -> Decimal:
    return scaled(micros, -MONEY_DECIMALS)
