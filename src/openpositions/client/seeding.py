"""The rows of a service without extensions, read by REST when a connection to it begins."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions.client.settling import closed_row, needs_fills

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpositions.client.follower import Follower
    from openpositions.client.reads import Reads
    from openpositions.client.records import Fill
    from openpositions.client.rows import PositionRow

# Whoever traded more often in a market that was settled while disconnected does not get to know what came of it.
_MOST_FILLS = 10_000


class SeedRows(NamedTuple):
    """What was read."""

    rows: list[PositionRow]
    """Of every market that is not settled."""
    closed: list[PositionRow]
    """What became of those that the service does not list any more."""


async def read_seed(reads: Reads, follower: Follower, subaccounts: Sequence[int]) -> SeedRows:
    """Every row of the follower's filter, and a closed one for each that the service no longer lists."""
    only = follower.tickers[0] if len(follower.tickers) == 1 else None
    wanted = frozenset(follower.tickers)
    rows = [
        msgspec.structs.replace(row, user_id=follower.user_id)
        for subaccount in subaccounts
        async for row in reads.positions(subaccount=subaccount, ticker=only)
        if not wanted or row.market_ticker in wanted
    ]
    return SeedRows(rows, [await _read_closed(reads, row) for row in follower.missing(rows)])


async def _read_closed(reads: Reads, row: PositionRow) -> PositionRow:
    """What became of a row whose market was settled."""
    ticker, subaccount = row.key
    async with aclosing(reads.settlements(ticker=ticker, subaccount=subaccount)) as settlements:
        settlement = await anext(settlements, None)
    fills: list[Fill] = []
    if settlement is not None and needs_fills(row, settlement):
        async with aclosing(reads.fills(ticker=ticker, subaccount=subaccount)) as newest_first:
            async for fill in newest_first:
                fills.append(fill)
                if len(fills) > _MOST_FILLS:
                    break  # these do not explain the settlement, as they are not all
    return closed_row(row, settlement, fills)
