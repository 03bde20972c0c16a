"""Profit and loss of some rows over time, kept up as rows and marks change. Unknown is None, never 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.position import value_of

if TYPE_CHECKING:
    from openpositions.core.position import Position


class Point(NamedTuple):
    """Profit and loss as of a time, in micros."""

    ts_ms: int
    """What happened before this time is in it."""
    realized_pnl: int
    unrealized_pnl: int | None
    """None while the mark of an open market is unknown."""
    fees_paid: int
    exposure: int
    """The cost of what is open."""
    open_markets: int
    unmarked_markets: int
    """Open markets without a mark."""

    @property
    def total_pnl(self) -> int | None:
        """Realized and unrealized, gross of fees; None while the unrealized is unknown."""
        return None if self.unrealized_pnl is None else self.realized_pnl + self.unrealized_pnl


class Move(NamedTuple):
    """By how much the rows of a market changed. Moves add up."""

    realized_pnl: int = 0
    fees_paid: int = 0
    cost: int = 0
    yes_centi: int = 0
    """Contracts held in rows that hold YES."""
    no_centi: int = 0

    def plus(self, other: Move) -> Move:
        """Both together."""
        return Move(
            self.realized_pnl + other.realized_pnl,
            self.fees_paid + other.fees_paid,
            self.cost + other.cost,
            self.yes_centi + other.yes_centi,
            self.no_centi + other.no_centi,
        )


STILL = Move()


def move(before: Position, after: Position) -> Move:
    """What became of one row."""
    return Move(
        after.realized_pnl - before.realized_pnl,
        after.fees_paid - before.fees_paid,
        after.cost - before.cost,
        max(0, after.position) - max(0, before.position),
        max(0, -after.position) - max(0, -before.position),
    )


class _Held(NamedTuple):
    """What all rows of one market hold together."""

    yes_centi: int = 0
    no_centi: int = 0
    mark_bp: int | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.yes_centi or self.no_centi)

    @property
    def value(self) -> int | None:
        if self.mark_bp is None:
            return None
        return value_of(self.yes_centi, self.mark_bp) + value_of(-self.no_centi, self.mark_bp)


_NOTHING = _Held()


class ProfitAndLoss:
    """The sums over the rows. A change costs the same whatever there is besides."""

    def __init__(self) -> None:
        self._markets: dict[str, _Held] = {}
        self._sums = STILL
        self._value = 0
        self._open = self._unmarked = 0

    def move(self, market_ticker: str, by: Move) -> None:
        """Takes in what became of the rows of a market."""
        self._sums = self._sums.plus(by)
        held = self._markets.get(market_ticker, _NOTHING)
        self._replace(
            market_ticker,
            held._replace(yes_centi=held.yes_centi + by.yes_centi, no_centi=held.no_centi + by.no_centi),
        )

    def mark(self, market_ticker: str, mark_bp: int | None) -> bool:
        """Takes in a mark. Whether it changed anything: it does only while something is held."""
        held = self._markets.get(market_ticker, _NOTHING)
        self._replace(market_ticker, held._replace(mark_bp=mark_bp))
        return held.is_open and held.mark_bp != mark_bp

    def point(self, ts_ms: int) -> Point:
        """The sums, as of a time."""
        sums = self._sums
        unrealized = None if self._unmarked else self._value - sums.cost
        return Point(ts_ms, sums.realized_pnl, unrealized, sums.fees_paid, sums.cost, self._open, self._unmarked)

    def _replace(self, market_ticker: str, held: _Held) -> None:
        self._add(self._markets.get(market_ticker, _NOTHING), -1)
        self._add(held, 1)
        self._markets[market_ticker] = held

    def _add(self, held: _Held, sign: int) -> None:
        if held.is_open:
            self._open += sign
            value = held.value
            if value is None:
                self._unmarked += sign
            else:
                self._value += sign * value
