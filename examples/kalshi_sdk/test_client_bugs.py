"""Two bugs of kalshi-sdk 22.4.0, as tests that somebody who uses it would write; each fails for the reason it gives."""

import asyncio
from decimal import Decimal

import pytest
from kalshi import KalshiAuth, KalshiClient, KalshiConfig
from kalshi.ws import KalshiWebSocket
from websockets.exceptions import ConcurrencyError

from openpositions.testing.sandbox_server import SandboxServer

USER = "me"


def config_of(server: SandboxServer) -> KalshiConfig:
    """Where the service is."""
    return KalshiConfig(base_url=server.rest_url, ws_base_url=server.ws_url)


@pytest.mark.xfail(
    raises=AssertionError,
    reason="the model keeps what it does not know under its name, so a row with the cents of 2025 beside today's "
    "dollars dumps cents under the name of the dollars: 400 for 4",
)
def test_a_dumped_row_says_what_the_row_says(openpositions_server: SandboxServer) -> None:
    """10 contracts for 4 dollars, stored by a program that keeps rows as dicts."""
    key = openpositions_server.key(USER)
    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)

    with KalshiClient(key_id=key.key_id, private_key=key.private_key, config=config_of(openpositions_server)) as client:
        (row,) = client.portfolio.positions().market_positions

    if row.market_exposure != Decimal(4):
        pytest.fail("this is another bug", pytrace=False)
    assert row.model_dump()["market_exposure"] == row.market_exposure


@pytest.mark.xfail(
    raises=ConcurrencyError,
    reason="`unsubscribe` reads the socket to wait for its answer while the client's own loop is reading it",
)
async def test_a_subscription_can_be_ended(openpositions_server: SandboxServer) -> None:
    """While it is followed, as it always is."""
    key = openpositions_server.key(USER)
    auth = KalshiAuth.from_pem(key.key_id, key.private_key)
    async with KalshiWebSocket(auth, config_of(openpositions_server)).connect() as session:
        positions = await session.subscribe_market_positions()
        openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)
        async with asyncio.timeout(10):
            first = await anext(aiter(positions))
        if first.msg.position != Decimal(10):
            pytest.fail("this is another bug", pytrace=False)

        await session.unsubscribe(1)

        await openpositions_server.wait_for_async(subscriptions=0)
