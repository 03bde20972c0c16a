"""Scenarios played to the fixture, as other people's tests do."""

import asyncio
from decimal import Decimal

import pytest
from aiohttp import ClientSession

from openpositions.errors import RequestFailed
from openpositions.testing.sandbox_server import SandboxServer
from openpositions.testing.scenario import VIRTUAL_TIME, load_shipped, parse, play_on
from tests.testing.scenario.scenarios import FILL, scenario

EXPECTED = "expect: [{user: alice, ticker: A-1, position: 20}]"


@pytest.mark.parametrize("name", ["bust", "reconnect-storm"])
def test_shipped_scenario_leaves_its_rows(openpositions_server: SandboxServer, name: str) -> None:
    """Through a restart too; what the fixture tells afterwards is what was expected."""
    outcome = play_on(openpositions_server, load_shipped(name), VIRTUAL_TIME)

    assert outcome.differences == []
    assert {row.position for row in openpositions_server.positions("alice")} <= {Decimal(5), Decimal(100)}


def test_clock_of_the_service_may_be_set_ahead(openpositions_server: SandboxServer) -> None:
    """The player goes with it, and back."""
    ahead, back = (f"fault: {{fault: clock_skew, ms: {ms}}}" for ms in (3_600_000, 0))

    outcome = play_on(openpositions_server, scenario(ahead, FILL, back, FILL, EXPECTED), VIRTUAL_TIME)

    assert outcome.is_as_expected


async def test_client_of_a_coroutine_hears_the_play(openpositions_server: SandboxServer) -> None:
    """While it goes on in another thread."""
    key = openpositions_server.key("alice")
    async with (
        ClientSession() as session,
        session.ws_connect(f"{openpositions_server.ws_url}?wire=2025", headers=key.headers()) as ws,
    ):
        await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        await ws.receive_json()
        await asyncio.to_thread(play_on, openpositions_server, scenario(FILL, FILL), VIRTUAL_TIME)

        assert [(await ws.receive_json())["msg"]["position"] for _ in range(2)] == [10, 20]


def test_service_that_refuses_the_player_is_named(openpositions_server: SandboxServer) -> None:
    """With what it said."""
    planned = parse("scenario: a\nsteps: [{fault: {fault: expire_key, user_id: scenario-director}}, {" + FILL + "}]")

    with pytest.raises(RequestFailed, match=r"POST /v1/events was refused with 401: .*header timestamp expired"):
        play_on(openpositions_server, planned, VIRTUAL_TIME)


def test_fault_that_the_service_refuses_is_named_by_its_line(openpositions_server: SandboxServer) -> None:
    """What only the service knows to be wrong, as the id of a key that is not there."""
    planned = parse(
        "scenario: a\nsteps:\n  - mark: {ticker: RAIN, price: 0.4}\n  - fault: {fault: expire_key, key_id: x}"
    )

    with pytest.raises(RequestFailed, match=r"^a, line 4: POST /v1/faults was refused with 400: .*key_id must be"):
        play_on(openpositions_server, planned, VIRTUAL_TIME)
