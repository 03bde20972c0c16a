"""A hedger at the service of the test, and an exchange that fills its orders when the test says so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import hedger
import pytest
from hedger import Hedger, Order
from pykalshi import AsyncKalshiClient

from openpositions.testing.sandbox_server import SandboxServer

MARKET, HEDGE = "FED-26DEC-T3.00", "FED-26DEC-T3.25"


class Exchange:
    """Takes orders; `fill` makes one come true on the service."""

    def __init__(self, server: SandboxServer) -> None:
        self._server = server
        self.orders: list[Order] = []

    async def buy(self, order: Order) -> None:
        """What the program calls."""
        self.orders.append(order)

    def fill(self, order: Order, contracts: int | None = None) -> None:
        """All of an order, or some contracts of it."""
        self._server.fill("me", order.ticker, order.side, "0.50", contracts or order.contracts)


@pytest.fixture
def exchange(openpositions_server: SandboxServer) -> Exchange:
    """Where the program sends its orders."""
    return Exchange(openpositions_server)


@contextlib.asynccontextmanager
async def started(server: SandboxServer, exchange: Exchange) -> AsyncIterator[Hedger]:
    """The program, connected, until the end."""
    key = server.key("me")
    async with AsyncKalshiClient(
        api_key_id=key.key_id, private_key_path=str(key.private_key_file), api_base=server.rest_url
    ) as client:
        feed = client.feed()
        feed._ws_url = server.ws_url  # noqa: SLF001 - pykalshi has no argument for it
        program = Hedger(client, feed, exchange.buy, MARKET, HEDGE)
        task = asyncio.create_task(program.run())
        await server.wait_for_async(subscriptions=1)
        yield program
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def running(
    openpositions_server: SandboxServer, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hedger]:
    """The program, which looks after itself more often than for real money."""
    monkeypatch.setattr(hedger, "CHECK_SECONDS", 0.02)
    async with started(openpositions_server, exchange) as program:
        yield program
