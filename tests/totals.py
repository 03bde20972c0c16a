"""The naive sums over all rows of a user: what everything that keeps sums up to date is held against."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from openpositions.core.market import Market
from openpositions.core.position import Position
from openpositions.core.valuation import market_value


class Totals(NamedTuple):
    """A portfolio in sum, in micros. Settled and flat rows count with what they realized and paid."""

    realized_pnl: int
    unrealized_pnl: int
    """Over the markets that have a mark."""
    fees_paid: int
    exposure: int
    """The cost of what is open."""
    market_value: int
    """Of the open markets that have a mark."""
    unmarked_cost: int
    """The cost of the open markets that have none."""
    open_markets: int
    unmarked_markets: tuple[str, ...]
    """The tickers of those that have none, sorted."""


def totals(rows: Iterable[Position], market_of: Callable[[str], Market]) -> Totals:
    """The sums over all these rows of one user, valued at each market's mark."""
    realized = unrealized = fees = exposure = value_sum = unmarked_cost = 0
    open_tickers: set[str] = set()
    unmarked: set[str] = set()
    for row in rows:
        realized += row.realized_pnl
        fees += row.fees_paid
        if not row.position:
            continue
        exposure += row.cost
        open_tickers.add(row.market_ticker)
        value = market_value(row, market_of(row.market_ticker).mark_bp)
        if value is None:
            unmarked.add(row.market_ticker)
            unmarked_cost += row.cost
        else:
            value_sum += value
            unrealized += value - row.cost
    return Totals(
        realized, unrealized, fees, exposure, value_sum, unmarked_cost, len(open_tickers), tuple(sorted(unmarked))
    )
