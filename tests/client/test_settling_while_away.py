"""Markets of a service without extensions that are settled before its client connects, or while it is away."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from openpositions import Client, Portfolio
from openpositions.errors import InvalidInput
from openpositions.testing.sandbox_server import SandboxServer

pytestmark = [pytest.mark.openpositions(plain=True, wire="2026"), pytest.mark.timeout(60)]

TICKER = "RAIN"


def connect(server: SandboxServer) -> Client:
    """A client of alice."""
    key = server.key("alice")
    return Client(server.url, key.key_id, key.private_key)


async def away(server: SandboxServer, portfolio: Portfolio, happen: Callable[[], object]) -> None:
    """Something happens while the portfolio is not connected; it is again afterwards."""
    server.reject_handshakes(1_000)
    server.drop_connections()
    await server.wait_for_async(lambda: portfolio.stale)
    happen()
    server.clear_faults()
    await server.wait_for_async(lambda: not portfolio.stale, timeout=30)


@pytest.mark.parametrize(
    ("happen", "realized_pnl"),
    [
        (lambda server: server.settle(TICKER, "yes"), "6"),
        (lambda server: server.settle(TICKER, "no"), "-4"),
        (lambda server: server.settle(TICKER, "void"), "0"),
        (lambda server: server.settle(TICKER, "scalar", value="0.3725"), None),
        (lambda server: (server.fill("alice", TICKER, side="no", price="0.3"), server.settle(TICKER, "yes")), "3"),
        (lambda server: (server.settle(TICKER, "yes"), server.fill("alice", TICKER, price="0.7", count=1)), "6.3"),
    ],
    ids=["won", "lost", "void", "in between", "closed before", "late fill"],
)
async def test_what_it_realized_is_exact_or_unknown(
    openpositions_server: SandboxServer, happen: Callable[[SandboxServer], object], realized_pnl: str | None
) -> None:
    """Ten YES at 40 cents; a payout that the service rounds is not taken for the true one."""
    server = openpositions_server
    server.fill("alice", TICKER, fee="0.017")
    async with connect(server) as client:
        portfolio = await client.portfolio()
        await away(server, portfolio, lambda: happen(server))
        holding = portfolio.positions[TICKER]

    expected = None if realized_pnl is None else Decimal(realized_pnl)
    assert ([row.is_open for row in holding.rows], holding.realized_pnl) == ([False], expected)
    assert (holding.fees_paid, portfolio.realized_pnl) == (Decimal("0.017"), expected)


async def test_an_adjusted_row_is_unknown(openpositions_server: SandboxServer) -> None:
    """A settlement does not tell what an opening balance had cost."""
    server = openpositions_server
    server.adjust("alice", TICKER, position=100, cost=40)
    async with connect(server) as client:
        portfolio = await client.portfolio()
        await away(server, portfolio, lambda: server.settle(TICKER, "yes"))

        assert portfolio.positions[TICKER].realized_pnl is None
        assert portfolio.realized_pnl is None


async def test_a_row_whose_only_fill_was_busted_is_nothing(openpositions_server: SandboxServer) -> None:
    """Also once its market was settled, of which the service lists nothing; the totals stay known."""
    server = openpositions_server
    server.fill("alice", "SNOW", fee="0.017")
    busted = server.fill("alice", TICKER, fee="0.5")
    async with connect(server) as client:
        portfolio = await client.portfolio()
        server.bust(busted)
        await server.wait_for_async(lambda: not portfolio.positions[TICKER].position)
        await away(server, portfolio, lambda: server.settle(TICKER, "yes"))
        holding = portfolio.positions[TICKER]

    assert (holding.realized_pnl, holding.fees_paid) == (Decimal(0), Decimal(0))
    assert (portfolio.realized_pnl, portfolio.fees_paid) == (Decimal(0), Decimal("0.017"))


async def test_what_was_heard_of_is_not_forgotten(openpositions_server: SandboxServer) -> None:
    """A settlement in between, seen live, stays exact over the next connection."""
    server = openpositions_server
    async with connect(server) as client:
        portfolio = await client.portfolio()
        server.fill("alice", TICKER, count=3, price="0.40")
        server.settle(TICKER, "scalar", value="0.3725")
        await server.wait_for_async(lambda: portfolio.positions[TICKER].realized_pnl == Decimal("-0.0825"))
        await away(server, portfolio, lambda: server.fill("alice", "SNOW"))

        assert portfolio.positions[TICKER].realized_pnl == portfolio.realized_pnl == Decimal("-0.0825")


async def test_what_was_settled_before_is_in_the_totals(openpositions_server: SandboxServer) -> None:
    """As exactly as the service tells it; one market that it rounds makes the sum unknown, but not the fees."""
    server = openpositions_server
    server.fill("alice", TICKER, fee="0.017")
    server.settle(TICKER, "yes")
    async with connect(server) as client:
        portfolio = await client.portfolio()
        assert (portfolio.realized_pnl, portfolio.fees_paid) == (Decimal(6), Decimal("0.017"))
        server.fill("alice", "SNOW", fee="0.003")
        server.settle("SNOW", "scalar", value="0.3725")
        await server.wait_for_async(lambda: portfolio.realized_pnl == Decimal("5.725"))
    async with connect(server) as client:
        later = await client.portfolio()
        assert (later.realized_pnl, later.fees_paid, len(later.positions)) == (None, Decimal("0.02"), 0)


async def test_what_changes_after_a_settlement_is_not_counted_twice(openpositions_server: SandboxServer) -> None:
    """A late fill brings the row of a market that was in the sums before; so does the connection after it."""
    server = openpositions_server
    server.fill("alice", TICKER)
    server.settle(TICKER, "yes")
    async with connect(server) as client:
        portfolio = await client.portfolio()
        server.fill("alice", TICKER, price="0.70")
        await server.wait_for_async(lambda: portfolio.realized_pnl == 9)
        await away(server, portfolio, lambda: server.fill("alice", TICKER, price="0.80"))
        assert portfolio.realized_pnl == portfolio.positions[TICKER].realized_pnl == 11


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happened_nothing_is_wrong(openpositions_server: SandboxServer, seed: int) -> None:
    """Of random markets, what is shown is true or unknown; and without adjustments, yes and no are known."""
    server, draw = openpositions_server, Random(seed)
    tickers = [f"M{number}" for number in range(8)]
    adjusted = set()

    def trade(times: int) -> None:
        for _ in range(times):
            ticker, count = draw.choice(tickers), Decimal(draw.randrange(1, 1_000)) / 100
            side, price = draw.choice(["yes", "no"]), Decimal(draw.randrange(1, 9_999)) / 10_000
            server.fill("alice", ticker, side=side, price=price, count=count)

    def happen() -> None:
        trade(15)
        for ticker in tickers:
            result = draw.choice(["yes", "no", "scalar", "void"])
            server.settle(ticker, result, value=Decimal("0.3725") if result == "scalar" else None)
            results[ticker] = result
        trade(5)

    results: dict[str, str] = {}
    trade(20)
    for ticker in tickers[:2]:
        try:
            server.adjust("alice", ticker, position=5, cost=2)
            adjusted.add(ticker)
        except InvalidInput:
            pass  # of the other side than what is held
    async with connect(server) as client:
        portfolio = await client.portfolio()
        trade(20)
        await away(server, portfolio, happen)
        shown = {ticker: holding.realized_pnl for ticker, holding in portfolio.positions.items()}

    true = {row.market_ticker: row.realized_pnl for row in server.positions("alice")}
    assert {ticker: amount for ticker, amount in shown.items() if amount not in {None, true[ticker]}} == {}
    certain = {ticker for ticker in shown if results[ticker] in {"yes", "no"}} - adjusted
    assert {ticker for ticker in certain if shown[ticker] is None} == set()
