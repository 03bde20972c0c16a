"""Subaccounts that nobody named, of a service that is read by REST one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openpositions import Client
from openpositions.testing.sandbox_server import SandboxServer
from tests.client.amounts import decimals

pytestmark = [pytest.mark.openpositions(plain=True, wire="2026"), pytest.mark.timeout(60)]


def connect(server: SandboxServer) -> Client:
    """A client of alice, with a key for all of her subaccounts."""
    key = server.key("alice")
    return Client(server.url, key.key_id, key.private_key)


async def test_one_that_traded_is_in_the_portfolio_from_the_start(openpositions_server: SandboxServer) -> None:
    """What is held there, and what was settled."""
    server = openpositions_server
    server.fill("alice", "RAIN", subaccount=1)
    server.fill("alice", "SNOW", subaccount=2)
    server.settle("SNOW", "yes")
    async with connect(server) as client:
        portfolio = await client.portfolio()

    assert [row.key for holding in portfolio.positions.values() for row in holding.rows] == [("RAIN", 1)]
    assert (portfolio.exposure, portfolio.realized_pnl) == decimals("4", "6")


async def test_one_that_a_frame_names_is_read_whole(openpositions_server: SandboxServer) -> None:
    """Its other markets too, before the frame is shown."""
    server = openpositions_server
    server.adjust("alice", "RAIN", position=10, cost=4, subaccount=7)
    async with connect(server) as client:
        portfolio = await client.portfolio()
        assert dict(portfolio.positions) == {}
        server.fill("alice", "SNOW", subaccount=7)
        await server.wait_for_async(lambda: portfolio.positions)
        assert {ticker: holding.position for ticker, holding in portfolio.positions.items()} == {"RAIN": 10, "SNOW": 10}
        assert portfolio.exposure == 8


async def test_rows_of_it_are_streamed_too(openpositions_server: SandboxServer) -> None:
    """As in a portfolio."""
    server = openpositions_server
    server.fill("alice", "RAIN", subaccount=1)
    async with connect(server) as client:
        row = await anext(client.positions())

    assert (row.key, row.position) == (("RAIN", 1), Decimal(10))
