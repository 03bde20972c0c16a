"""The rows of a service without extensions, read by REST when a connection to it begins."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions.client.news import SettledBefore
from openpositions.client.settling import closed_row, needs_fills, realized_by
from openpositions.client.unnumbered import Closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpositions.client.follower import Follower
    from openpositions.client.reads import Reads
    from openpositions.client.records import Fill, Settlement
    from openpositions.client.rows import PositionRow, RowKey

# Whoever traded more often in a market that was settled while disconnected does not get to know what came of it.
_MOST_FILLS = 10_000

# Subaccounts that none of so many fills names have to be given.
_FILLS_LOOKED_AT = 1_000


class SeedRows(NamedTuple):
    """What was read."""

    subaccounts: frozenset[int]
    """Of these."""
    rows: list[PositionRow]
    """Of every market that is not settled."""
    closed: list[Closed]
    """What became of those that the service does not list any more."""
    settled_before: SettledBefore | None
    """What was settled and has no row, where somebody adds up."""


async def read_seed(reads: Reads, follower: Follower, subaccounts: Sequence[int]) -> SeedRows:
    """Every row of the follower's filter, and a closed one for each that the service no longer lists.

    Of the subaccounts that are given, and of those that the newest fills or a frame name.
    """
    newest = await _newest(reads, _FILLS_LOOKED_AT)
    follower.unnumbered.subaccounts.update(subaccounts, (fill.subaccount for fill in newest))
    of_these = frozenset(follower.unnumbered.subaccounts)
    only = follower.tickers[0] if len(follower.tickers) == 1 else None
    wanted = frozenset(follower.tickers)
    rows = [
        msgspec.structs.replace(row, user_id=follower.user_id)
        for subaccount in sorted(of_these)
        async for row in reads.positions(subaccount=subaccount, ticker=only)
        if not wanted or row.market_ticker in wanted
    ]
    # Finding it once is enough, unless somebody adds up: then all settlements are read anyway, and show what changed a
    # row since.
    missing = follower.unnumbered.missing(follower.rows.values(), rows, again=follower.adds_up)
    if not follower.adds_up:
        closed = [await _closed(reads, row, await _settlement(reads, row.key)) for row in missing]
        return SeedRows(of_these, rows, closed, None)
    settlements = {
        (settlement.market_ticker, subaccount): settlement
        for subaccount in sorted(of_these)
        async for settlement in reads.settlements(subaccount=subaccount)
    }
    closed = [await _closed(reads, row, settlements.pop(row.key, None)) for row in missing]
    amounts = {key: (realized_by(settlement), settlement.fee) for key, settlement in settlements.items()}
    return SeedRows(of_these, rows, closed, SettledBefore(amounts))


async def _settlement(reads: Reads, key: RowKey) -> Settlement | None:
    ticker, subaccount = key
    async with aclosing(reads.settlements(ticker=ticker, subaccount=subaccount)) as settlements:
        return await anext(settlements, None)


async def _closed(reads: Reads, row: PositionRow, settlement: Settlement | None) -> Closed:
    """What became of a row whose market was settled."""
    fills: list[Fill] = []
    if settlement is not None and needs_fills(row, settlement):
        # One more than that does not explain the settlement, as they are not all.
        fills = await _newest(reads, _MOST_FILLS + 1, ticker=row.market_ticker, subaccount=row.subaccount)
    return Closed(closed_row(row, settlement, fills), row if settlement is None else None)


async def _newest(reads: Reads, most: int, *, ticker: str | None = None, subaccount: int | None = None) -> list[Fill]:
    """So many fills, the newest first."""
    some: list[Fill] = []
    async with aclosing(reads.fills(ticker=ticker, subaccount=subaccount)) as fills:
        async for fill in fills:
            some.append(fill)
            if len(some) == most:
                break
    return some
