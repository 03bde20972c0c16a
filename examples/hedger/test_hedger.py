"""The hedger against a venue that does what the test says."""

from decimal import Decimal

import hedger
import pytest
from conftest import HEDGE, MARKET, Exchange, started
from hedger import Hedger, Order

from openpositions.testing.sandbox_server import SandboxServer


async def test_a_fill_is_offset(openpositions_server: SandboxServer, exchange: Exchange, running: Hedger) -> None:
    """10 YES are bought, so 10 NO of the other market are; when those are filled, it is content."""
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)
    await openpositions_server.wait_for_async(lambda: exchange.orders == [Order(HEDGE, "no", 10)])

    exchange.fill(exchange.orders[0])
    await openpositions_server.wait_for_async(lambda: running.positions == {MARKET: 10, HEDGE: -10})

    assert len(exchange.orders) == 1


async def test_what_was_held_before_is_offset(openpositions_server: SandboxServer, exchange: Exchange) -> None:
    """The program reads its positions when it starts: no frame tells of them."""
    openpositions_server.fill("me", MARKET, "no", "0.40", 7)

    async with started(openpositions_server, exchange):
        await openpositions_server.wait_for_async(lambda: exchange.orders == [Order(HEDGE, "yes", 7)])


async def test_an_order_on_its_way_is_not_sent_twice(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger
) -> None:
    """More is bought while the first order is open: the rest is ordered when that one was filled, and only the rest."""
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)
    openpositions_server.fill("me", MARKET, "yes", "0.40", 5)
    await openpositions_server.wait_for_async(lambda: running.positions[MARKET] == 15)
    assert exchange.orders == [Order(HEDGE, "no", 10)]

    exchange.fill(exchange.orders[0])
    await openpositions_server.wait_for_async(lambda: exchange.orders[1:] == [Order(HEDGE, "no", 5)])


async def test_an_order_that_filled_in_part_is_completed(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 of 10 were to be had: after a while the other 6 are ordered."""
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)
    await openpositions_server.wait_for_async(lambda: len(exchange.orders) == 1)

    exchange.fill(exchange.orders[0], contracts=4)
    await openpositions_server.wait_for_async(lambda: running.positions[HEDGE] == -4)
    monkeypatch.setattr(hedger, "PATIENCE_SECONDS", 0)

    await openpositions_server.wait_for_async(lambda: exchange.orders[1:] == [Order(HEDGE, "no", 6)])
    assert running.positions == {MARKET: 10, HEDGE: -4}


async def test_trades_during_a_cut_are_offset(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger
) -> None:
    """The socket is gone, and refused at first; meanwhile there is a trade, of which no frame will ever tell."""
    openpositions_server.reject_handshakes(1, status=503)
    openpositions_server.drop_connections()
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)

    await openpositions_server.wait_for_async(lambda: exchange.orders == [Order(HEDGE, "no", 10)], timeout=10)

    assert openpositions_server.frames.sent(type="market_position") == []
    assert running.positions[MARKET] == 10


async def test_late_frames_double_nothing(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger
) -> None:
    """Frames that come a moment late, one of them twice, are no reason to order more."""
    openpositions_server.delay(0.1)
    openpositions_server.duplicate_frames(1)
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)
    await openpositions_server.wait_for_async(lambda: len(exchange.orders) == 1)

    exchange.fill(exchange.orders[0])
    await openpositions_server.wait_for_async(lambda: running.positions == {MARKET: 10, HEDGE: -10})

    assert len(exchange.orders) == 1


async def test_a_fraction_of_a_contract_stays(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger
) -> None:
    """2.5 contracts are offset by 2."""
    openpositions_server.fill("me", MARKET, "yes", "0.40", "2.50")

    await openpositions_server.wait_for_async(lambda: exchange.orders == [Order(HEDGE, "no", 2)])

    assert running.positions[MARKET] == Decimal("2.5")


async def test_settlement_takes_the_hedge_off(
    openpositions_server: SandboxServer, exchange: Exchange, running: Hedger
) -> None:
    """When the market ends there is nothing left to offset: the hedge is bought back."""
    openpositions_server.fill("me", MARKET, "yes", "0.40", 10)
    await openpositions_server.wait_for_async(lambda: len(exchange.orders) == 1)
    exchange.fill(exchange.orders[0])
    await openpositions_server.wait_for_async(lambda: running.positions[HEDGE] == -10)

    openpositions_server.settle(MARKET, "yes")

    await openpositions_server.wait_for_async(lambda: exchange.orders[1:] == [Order(HEDGE, "yes", 10)])
