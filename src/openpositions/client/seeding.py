"""The rows of a service without extensions, read by REST when a connection to it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.client.exact import ZERO, less, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpositions.client.follower import Follower
    from openpositions.client.reads import Reads
    from openpositions.client.records import Settlement
    from openpositions.client.rows import PositionRow


async def read_seed(reads: Reads, follower: Follower, subaccounts: Sequence[int]) -> list[PositionRow]:
    """Every row of the follower's filter, and a closed one for each that the service no longer lists."""
    only = follower.tickers[0] if len(follower.tickers) == 1 else None
    wanted = frozenset(follower.tickers)
    rows = [
        msgspec.structs.replace(row, user_id=follower.user_id)
        for subaccount in subaccounts
        async for row in reads.positions(subaccount=subaccount, ticker=only)
        if not wanted or row.market_ticker in wanted
    ]
    for row in follower.missing(rows):
        settlements = [
            settlement async for settlement in reads.settlements(ticker=row.market_ticker, subaccount=row.subaccount)
        ]
        rows.append(_closed(row, settlements[0] if settlements else None))
    return rows


def _closed(row: PositionRow, settlement: Settlement | None) -> PositionRow:
    """The row after the settlement of its market, by what that says; without one, as it was but flat."""
    flat = msgspec.structs.replace(
        row, position=ZERO, cost=ZERO, fee_cost=ZERO, cause=None, time=None, sequence=None, conflated=0
    )
    if settlement is None:
        return flat
    # Every YES that met a NO was closed with it, for 1 dollar.
    pairs = min(settlement.yes_count, settlement.no_count)
    realized_pnl = less(total(pairs, settlement.revenue), total(settlement.yes_cost, settlement.no_cost))
    return msgspec.structs.replace(flat, realized_pnl=realized_pnl, fees_paid=settlement.fee, time=settlement.time)
