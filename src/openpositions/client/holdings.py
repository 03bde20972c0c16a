"""What a portfolio shows: holdings by market, and totals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec

from openpositions.client.exact import ONE, ZERO, known_total, less, size, times, total
from openpositions.client.news import Continuity
from openpositions.client.rows import PositionRow


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What a user holds in one market, over all subaccounts. Contracts and dollars, exact; None is unknown."""

    market_ticker: str
    position: Decimal
    """Contracts held, net: YES positive, NO negative."""
    cost: Decimal
    """What was paid for the contracts held, fees excluded: the exposure."""
    realized_pnl: Decimal | None
    """Before fees."""
    fees_paid: Decimal | None
    mark: Decimal | None
    """The price of a YES contract that it is valued at."""
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    """Market value less cost."""
    sequence: int | None
    """That of the last change of a row."""
    time: datetime | None
    """That of the last change of a row."""
    rows: tuple[PositionRow, ...]
    """By subaccount."""
    stale: bool = False
    """As of its portfolio: this was true once, and may not be any more."""

    @property
    def exposure(self) -> Decimal:
        """The cost of what is open."""
        return self.cost


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """A portfolio in sum, in dollars, exact; None is unknown, never 0."""

    realized_pnl: Decimal | None
    """Before fees; of everything ever, settled markets included. None where the service does not tell it exactly."""
    unrealized_pnl: Decimal | None
    """Of the open markets that have a mark: the others are `unmarked_markets`. None when there are only such."""
    fees_paid: Decimal | None
    exposure: Decimal
    """The cost of what is open."""
    market_value: Decimal | None
    """Of the open markets that have a mark."""
    open_markets: int
    unmarked_markets: tuple[str, ...]
    """Open, and of unknown value."""
    sequence: int | None
    """What the whole portfolio is as of, in the service's journal; None from a service without extensions."""
    time: datetime | None
    """When that was, UTC."""
    continuity: Continuity
    """`exact`, or `probable` where the service does not number its frames."""
    stale: bool
    """The connection is gone, or something was missed: this was true once."""


class HasTotals(ABC):
    """Whatever shows totals, and so each of them."""

    @property
    @abstractmethod
    def totals(self) -> Totals:
        """Everything in sum."""

    @property
    def realized_pnl(self) -> Decimal | None:
        """Before fees; of everything ever, also in settled markets. None where the service does not tell it exactly."""
        return self.totals.realized_pnl

    @property
    def unrealized_pnl(self) -> Decimal | None:
        """Of the open markets that have a mark; None, which is unknown, when there are only others."""
        return self.totals.unrealized_pnl

    @property
    def fees_paid(self) -> Decimal | None:
        """Of every fill ever."""
        return self.totals.fees_paid

    @property
    def exposure(self) -> Decimal:
        """The cost of what is open."""
        return self.totals.exposure

    @property
    def market_value(self) -> Decimal | None:
        """Of the open markets that have a mark; None when there are only others."""
        return self.totals.market_value

    @property
    def open_markets(self) -> int:
        """How many there are."""
        return self.totals.open_markets

    @property
    def unmarked_markets(self) -> tuple[str, ...]:
        """Markets that are open and of unknown value."""
        return self.totals.unmarked_markets

    @property
    def sequence(self) -> int | None:
        """What all of this is as of, in the service's journal; None from a service without extensions."""
        return self.totals.sequence

    @property
    def time(self) -> datetime | None:
        """When that was, UTC; None where the service does not send it."""
        return self.totals.time

    @property
    def stale(self) -> bool:
        """Whether all of this was true once and may not be any more: the connection is gone, or a frame was lost."""
        return self.totals.stale

    @property
    def continuity(self) -> Continuity:
        """`exact`, or `probable` where the service does not number its frames, so that a gap would not show."""
        return self.totals.continuity


class Snapshot(NamedTuple):
    """A whole portfolio as of one moment; it does not change any more."""

    positions: Mapping[str, Holding]
    totals: Totals


def holding_of(rows: Iterable[PositionRow], mark: Decimal | None) -> Holding:
    """The holding that some rows of one market are, at least one, valued at the price of a YES contract."""
    rows = tuple(sorted(rows, key=lambda row: row.subaccount))
    cost = total(*(row.cost for row in rows))
    market_value = known_total(*(_market_value(row, mark) for row in rows))
    newest = max(rows, key=lambda row: row.sequence or 0)
    return Holding(
        market_ticker=rows[0].market_ticker,
        position=total(*(row.position for row in rows)),
        cost=cost,
        realized_pnl=known_total(*(row.realized_pnl for row in rows)),
        fees_paid=known_total(*(row.fees_paid for row in rows)),
        mark=mark,
        market_value=market_value,
        unrealized_pnl=None if market_value is None else less(market_value, cost),
        sequence=newest.sequence,
        time=newest.time,
        rows=rows,
    )


def _market_value(row: PositionRow, mark: Decimal | None) -> Decimal | None:
    """What a row is worth at the price of its side; nothing is worth nothing, marked or not. None is unknown."""
    if not row.is_open:
        return ZERO
    if mark is None or not row.position:
        return None
    return times(size(row.position), mark if row.position > 0 else less(ONE, mark))
