"""Marks, market value, unrealized P&L and cash (accounting, "Other events", "Balance"). Unknown is None, never 0."""

from collections.abc import Iterable

from openpositions.core.money import DOLLAR_BP, divide_half_even
from openpositions.core.position import Position, value_of


def mark_price(price_bp: int | None, bid_bp: int | None, ask_bp: int | None) -> int | None:
    """The mark of a YES contract: the last price, else the middle of bid and ask rounded half to even, else unknown.

    A price or bid of 0 and an ask of 1 dollar are how an empty side is written, and mean absent.
    """
    if price_bp:
        return price_bp
    if bid_bp and ask_bp is not None and ask_bp < DOLLAR_BP:
        return divide_half_even(bid_bp + ask_bp, 2)
    return None


def market_value(row: Position, mark_bp: int | None) -> int | None:
    """Micros that the contracts held are worth at the mark of the side held; 0 when flat, None when unknown."""
    if row.position == 0:
        return 0
    if mark_bp is None:
        return None
    return value_of(row.position, mark_bp)


def unrealized_pnl(row: Position, mark_bp: int | None) -> int | None:
    """Micros of market value less cost; None when unknown."""
    value = market_value(row, mark_bp)
    return None if value is None else value - row.cost


def balance(rows: Iterable[Position], account_micros: int) -> int:
    """Micros of cash: what no row explains (deposits, withdrawals, adjustments), and what trading paid and received.

    By invariant 2 a row's realized P&L less its cost is what it received less what it paid.
    """
    return account_micros + sum(row.realized_pnl - row.cost - row.fees_paid for row in rows)
