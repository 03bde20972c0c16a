"""A client that is used in a second event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from openpositions import Client
from openpositions.errors import ClientClosed
from openpositions.testing.sandbox_server import SandboxServer

SAYS = r"this client was used in another event loop, and lives there; make another one in each asyncio.run\(\)"


@pytest.fixture
def client(openpositions_server: SandboxServer) -> Iterator[Client]:
    """A client whose first loop is over: it had a portfolio and a stream there."""
    openpositions_server.fill("alice", "RAIN")
    key = openpositions_server.key("alice")
    client = Client(openpositions_server.url, key.key_id, key.private_key)

    async def begin() -> None:
        assert [fill.market_ticker async for fill in client.fills()] == ["RAIN"]
        assert (await client.portfolio()).exposure == 4

    asyncio.run(begin())
    yield client
    asyncio.run(client.close())


@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.balance(),
        lambda client: client.portfolio(),
        lambda client: anext(client.positions()),
        lambda client: anext(client.fills()),
    ],
    ids=["balance", "portfolio", "positions", "fills"],
)
def test_it_is_told_what_to_do(client: Client, use: Callable[[Client], Awaitable[object]]) -> None:
    """One error of the library, and not that some event loop is closed."""

    async def again() -> None:
        await use(client)

    with pytest.raises(ClientClosed, match=SAYS):
        asyncio.run(again())


def test_what_it_gave_before_lives_there_too(openpositions_server: SandboxServer) -> None:
    """A stream and a portfolio say the same, where they would wait for ever; closing them is no mistake."""
    openpositions_server.fill("alice", "RAIN")
    key = openpositions_server.key("alice")
    client = Client(openpositions_server.url, key.key_id, key.private_key)
    stream = client.positions()

    async def begin() -> None:
        assert (await anext(stream)).position == 10

    async def again() -> None:
        with pytest.raises(ClientClosed, match=SAYS):
            await anext(stream)
        await stream.close()
        await client.close()

    asyncio.run(begin())
    asyncio.run(again())


async def test_a_client_of_a_running_loop_is_not_closed_from_another(openpositions_server: SandboxServer) -> None:
    """What still runs there is for that loop to end."""
    key = openpositions_server.key("alice")
    async with Client(openpositions_server.url, key.key_id, key.private_key) as client:
        await client.balance()
        with pytest.raises(ClientClosed, match=SAYS):
            await asyncio.to_thread(lambda: asyncio.run(client.close()))
        assert (await client.balance()).cash == 0
