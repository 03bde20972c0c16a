"""A consumer that does not keep up: nothing grows, nothing is lost that matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import ClientSession

from openpositions import Client
from tests.acceptance.http import feed, fill
from tests.client.account import Account

MARKETS, ROUNDS = 100, 300


@pytest.mark.parametrize("kind", ["full"], indirect=True)
async def test_a_slow_consumer_gets_the_newest_row_of_each_position(
    account: Account, connect: Callable[..., Client]
) -> None:
    """Of 30,000 changes few wait on this side; the service merges the rest, and says how many."""
    client = connect(waiting_rows=10)
    stream = client.positions()
    await account.buy("M0", count="1.00")
    first = await anext(stream)
    assert first.position == 1
    async with ClientSession() as session:
        for round_ in range(ROUNDS):
            await feed(
                account.service,
                *(
                    fill(f"{account.user}-{round_}-{market}", account.user, account.ticker(f"M{market}"), count="1.00")
                    for market in range(MARKETS)
                ),
                session=session,
            )
    positions: dict[str, float] = {account.market(first): 1}
    told = changes = 0
    async with asyncio.timeout(60):
        while changes < MARKETS * ROUNDS:
            row = await anext(stream)
            positions[account.market(row)] = float(row.position)
            told += 1
            changes += 1 + row.conflated
    assert positions == {f"M{market}": ROUNDS + (market == 0) for market in range(MARKETS)}
    assert told < changes
