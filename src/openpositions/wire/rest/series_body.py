"""Profit and loss over time, in JSON. What is unknown is null, never 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.money import format_dollars_6
from openpositions.wire.rest.forms import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.core.pnl import Point
    from openpositions.wire.rest.history_query import SeriesParameters


class SeriesPoint(msgspec.Struct, kw_only=True, gc=False):
    """What there was just before a time."""

    ts_ms: int
    time: str
    """The same as RFC 3339."""
    realized_pnl_dollars: str
    unrealized_pnl_dollars: str | None
    """Null while the mark of an open market is unknown, like the total."""
    total_pnl_dollars: str | None
    """Gross of fees."""
    fees_paid_dollars: str
    exposure_dollars: str
    """The cost of what is open."""
    open_markets: int
    unmarked_markets: int
    """Open markets whose mark is unknown."""


class SeriesAnswer(msgspec.Struct, kw_only=True):
    """A point for every span of time in which anything changed, at its end."""

    user_id: str | None
    """Null for all users of a market."""
    market_ticker: str | None
    """Null for all markets."""
    every_ms: int
    sequence: int
    """The last entry of the journal that it includes."""
    points: list[SeriesPoint]


def series_body(user_id: str, query: SeriesParameters, sequence: int, points: Iterable[Point]) -> bytes:
    """The answer; an empty user id is everybody."""
    return msgspec.json.encode(
        SeriesAnswer(
            user_id=user_id or None,
            market_ticker=query.ticker,
            every_ms=query.every_ms,
            sequence=sequence,
            points=[_point(point) for point in points],
        )
    )


def _point(point: Point) -> SeriesPoint:
    return SeriesPoint(
        ts_ms=point.ts_ms,
        time=format_time(point.ts_ms),
        realized_pnl_dollars=format_dollars_6(point.realized_pnl),
        unrealized_pnl_dollars=_known(point.unrealized_pnl),
        total_pnl_dollars=_known(point.total_pnl),
        fees_paid_dollars=format_dollars_6(point.fees_paid),
        exposure_dollars=format_dollars_6(point.exposure),
        open_markets=point.open_markets,
        unmarked_markets=point.unmarked_markets,
    )


def _known(micros: int | None) -> str | None:
    return None if micros is None else format_dollars_6(micros)
