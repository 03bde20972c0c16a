"""Portfolios as the client library shows them, in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from openpositions.cli.watch.view import Connection, Watched
from openpositions.client.exact import ZERO, known_total, total
from openpositions.client.holdings import Holding, Snapshot, Totals, holding_of
from openpositions.client.rows import PositionRow

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def held(
    market_ticker: str,
    position: str = "10.00",
    cost: str = "4.0000",
    mark: str | None = "0.6000",
    realized: str | None = "0",
    fees: str | None = "0",
    age_seconds: int | None = 3,
    subaccount: int = 0,
) -> Holding:
    """What is held in one market, last changed so long before noon."""
    row = PositionRow(
        user_id="alice",
        market_ticker=market_ticker,
        subaccount=subaccount,
        position=Decimal(position),
        cost=Decimal(cost),
        realized_pnl=None if realized is None else Decimal(realized),
        fees_paid=None if fees is None else Decimal(fees),
        sequence=7,
        time=None if age_seconds is None else NOON - timedelta(seconds=age_seconds),
    )
    return holding_of([row], None if mark is None else Decimal(mark))


def watched(
    *holdings: Holding,
    connection: Connection = "connected",
    sequence: int | None = 42,
    stale_seconds: int = 8,
    time: datetime | None = NOON - timedelta(seconds=3),
) -> Watched:
    """A portfolio at noon; if it is not connected, then so long before noon it was."""
    stale_since = None if connection == "connected" else NOON - timedelta(seconds=stale_seconds)
    unmarked = tuple(holding.market_ticker for holding in holdings if holding.unrealized_pnl is None)
    known = [holding for holding in holdings if holding.unrealized_pnl is not None]
    nothing_known = bool(unmarked) and not any(holding.position for holding in known)
    totals = Totals(
        realized_pnl=known_total(*(holding.realized_pnl for holding in holdings)),
        unrealized_pnl=None if nothing_known else total(*(holding.unrealized_pnl or ZERO for holding in known)),
        fees_paid=known_total(*(holding.fees_paid for holding in holdings)),
        exposure=total(*(holding.exposure for holding in holdings)),
        market_value=None if nothing_known else total(*(holding.market_value or ZERO for holding in known)),
        open_markets=sum(bool(holding.position) for holding in holdings),
        unmarked_markets=unmarked,
        sequence=sequence,
        time=time,
        continuity="probable" if sequence is None else "exact",
        stale=connection != "connected",
    )
    positions = {holding.market_ticker: holding for holding in holdings}
    return Watched(Snapshot(positions, totals), NOON, connection, stale_since)
