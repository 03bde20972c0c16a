"""The fixture `openpositions_server`, as a test uses it (interfaces, "In Python")."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.errors import InvalidInput, Misconfigured, ServiceStopped, WaitTimeout
from openpositions.testing.sandbox_server import SandboxServer
from openpositions.wire.signing import load_private_key
from tests.acceptance.certificate import self_signed


async def test_fill_reaches_a_client_that_signs_with_a_key_of_the_fixture(openpositions_server: SandboxServer) -> None:
    """The real socket, the real frame; and the client's own loop stands still while the fill is taken."""
    server = openpositions_server
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.ws_url, headers=server.key("alice").headers()) as ws,
    ):
        await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        await ws.receive()
        server.fill("alice", "RAIN", price="0.40", count=10, fee="0.17")
        frame = await ws.receive_json()

    assert frame["msg"]["position_cost_dollars"] == "4.0000"
    assert frame["msg"]["fees_paid"] == 1700


async def test_rest_reads_are_signed_with_the_same_key(openpositions_server: SandboxServer) -> None:
    """`rest_url` is what clients of the venue call the base."""
    server = openpositions_server
    server.fill("alice", "RAIN")
    url = f"{server.rest_url}/portfolio/positions"
    headers = server.key("alice").headers("GET", urlsplit(url).path)
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert [row["ticker"] for row in (await response.json())["market_positions"]] == ["RAIN"]


async def test_client_of_this_package_misses_nothing_while_faults_are_made(openpositions_server: SandboxServer) -> None:
    """It comes back after a cut in the middle of a frame and two refusals, and is told what changed meanwhile."""
    server = openpositions_server
    key = server.key("alice")
    async with Client(server.url, key.key_id, key.private_key) as client:
        rows = aiter(client.positions())
        server.fill("alice", "RAIN", count=1)
        heard = [await anext(rows)]
        server.reject_handshakes(2)
        server.drop_connections(after_bytes=50)
        server.fill("alice", "RAIN", count=2)
        heard.append(await anext(rows))

    assert [row.position for row in heard] == [1, 3]
    assert [frame.kind for frame in server.frames].count("refused") == 2


def test_key_is_rsa_in_pem_text_and_in_a_file(openpositions_server: SandboxServer) -> None:
    """As the venue gives it; the file is for clients that read one."""
    key = openpositions_server.key("alice")

    load_private_key(key.private_key)
    assert key.private_key.startswith("-----BEGIN PRIVATE KEY-----")
    assert key.private_key_file.read_text() == key.private_key
    assert key.private_key_file.stat().st_mode & 0o077 == 0


def test_users_have_keys_of_their_own(openpositions_server: SandboxServer) -> None:
    """The same user the same one, however often it is asked for; nobody signs for anybody else."""
    server = openpositions_server

    assert server.key("alice") is server.key("alice")
    assert server.key("alice").key_id != server.key("bob").key_id
    assert server.key("alice").private_key != server.key("bob").private_key
    assert server.key("alice").key_id != server.key("alice", scopes=["admin"]).key_id


def test_no_private_key_is_in_what_a_failing_assertion_prints(openpositions_server: SandboxServer) -> None:
    """A report may be public."""
    assert "PRIVATE" not in repr(openpositions_server.key("alice"))


def test_trade_gives_both_users_their_side(openpositions_server: SandboxServer) -> None:
    """YES at 40 cents for the one is NO at 60 cents for the other; each pays a fee of their own."""
    server = openpositions_server
    server.trade("alice", "bob", "RAIN", price="0.40", count="2.50", buyer_fee="0.05", seller_fee="0.01")
    alice, bob = server.position("alice", "RAIN"), server.position("bob", "RAIN")

    assert (alice.position, alice.cost, alice.fees_paid) == (Decimal("2.5"), Decimal(1), Decimal("0.05"))
    assert (bob.position, bob.cost, bob.fees_paid) == (Decimal("-2.5"), Decimal("1.5"), Decimal("0.01"))


def test_rows_do_not_depend_on_the_decimal_context(openpositions_server: SandboxServer) -> None:
    """A test of a program that computes with two digits still reads all of them."""
    openpositions_server.fill("alice", "RAIN", price="0.4321", count="12.34", fee="0.012345")
    with localcontext() as context:
        context.prec = 2
        row = openpositions_server.position("alice", "RAIN")

    assert (row.position, row.cost, row.fees_paid) == (Decimal("12.34"), Decimal("5.332114"), Decimal("0.012345"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda server: server.fill("alice", ""),
        lambda server: server.fill("alice", "RAIN", trade_id=""),
        lambda server: server.trade("alice", "bob", "RAIN", trade_id=""),
        lambda server: server.settle("", "yes"),
        lambda server: server.mark("", "0.50"),
        lambda server: server.position("alice", ""),
        lambda server: server.position("", "RAIN"),
        lambda server: server.positions(""),
    ],
)
def test_an_empty_name_is_refused(openpositions_server: SandboxServer, ask: Callable[[SandboxServer], object]) -> None:
    """It stands neither for "any" nor for an id to be made up."""
    with pytest.raises(InvalidInput, match="must be text of 1-128 printable ASCII characters"):
        ask(openpositions_server)


def test_trade_with_oneself_is_refused(openpositions_server: SandboxServer) -> None:
    """The two sides of a self-trade would need two ids."""
    with pytest.raises(InvalidInput, match='seller must be another user than the buyer, not "alice"'):
        openpositions_server.trade("alice", "alice", "RAIN")


@pytest.mark.parametrize(("result", "realized"), [("yes", "6"), ("no", "-4"), ("void", "0")])
def test_settlement_closes_a_position(openpositions_server: SandboxServer, result: str, realized: str) -> None:
    """10 YES that cost 40 cents each."""
    openpositions_server.fill("alice", "RAIN")
    openpositions_server.settle("RAIN", result)
    row = openpositions_server.position("alice", "RAIN")

    assert (row.position, row.cost, row.realized_pnl) == (Decimal(0), Decimal(0), Decimal(realized))


def test_settlement_may_have_a_value_in_between(openpositions_server: SandboxServer) -> None:
    """`scalar` takes it in dollars per YES."""
    openpositions_server.fill("alice", "RAIN")
    openpositions_server.settle("RAIN", "scalar", value="0.2525")

    assert openpositions_server.position("alice", "RAIN").realized_pnl == Decimal("-1.475")


def test_bust_takes_a_trade_back(openpositions_server: SandboxServer) -> None:
    """By the id that the fill returned; the other fill stays."""
    server = openpositions_server
    server.fill("alice", "RAIN", count=3)
    trade_id = server.fill("alice", "RAIN", side="no", price="0.70", count=5)
    server.bust(trade_id)

    assert server.position("alice", "RAIN").position == 3


def test_bust_of_one_side_leaves_the_other(openpositions_server: SandboxServer) -> None:
    """A trade may be busted for one user only."""
    server = openpositions_server
    server.bust(server.trade("alice", "bob", "RAIN"), user="bob")

    held = [server.position(user, "RAIN").position for user in ("alice", "bob")]
    assert held == [Decimal(10), Decimal(0)]


async def test_marks_and_cash_make_a_balance(openpositions_server: SandboxServer) -> None:
    """A deposit, less what a fill paid; what is open at its mark; what an adjustment adds."""
    server = openpositions_server
    server.cash("alice", 100)
    server.declare("RAIN-1", event_ticker="WEATHER", title="Rain?")
    server.fill("alice", "RAIN-1", price=Decimal("0.40"))
    server.mark("RAIN-1", "0.55")
    server.adjust("alice", "RAIN-1", position=2, cost="0.5", cash="-0.25", reason="opening balance")
    url = f"{server.rest_url}/portfolio/balance"
    headers = server.key("alice").headers("GET", urlsplit(url).path)
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        balance = await response.json()

    assert (balance["balance"], balance["portfolio_value"]) == (9575, 660)
    assert server.positions("alice") == [server.position("alice", "RAIN-1")]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("price", 0.4, 'price must be text such as "0.40", an int or a Decimal, not 0.4'),
        ("price", "1.40", "yes_price_dollars"),
        ("count", True, 'count must be text such as "0.40", an int or a Decimal, not True'),
        ("side", "up", 'side must be yes or no, not "up"'),
    ],
)
def test_impossible_fill_says_what_is_wrong(
    openpositions_server: SandboxServer,
    field: str,
    value: Any,  # noqa: ANN401 - the wrong type is the point
    message: str,
) -> None:
    """At once, in the line of the test that made it."""
    with pytest.raises(InvalidInput, match=message):
        openpositions_server.fill("alice", "RAIN", **{field: value})


def test_refused_event_says_why_and_changes_nothing(openpositions_server: SandboxServer) -> None:
    """The same trade with another price is a conflict, and the whole call is refused."""
    server = openpositions_server
    server.fill("alice", "RAIN", price="0.40", trade_id="t1")
    with pytest.raises(InvalidInput, match="price") as refusal:
        server.fill("alice", "RAIN", price="0.50", trade_id="t1")

    assert refusal.value.code == "conflict"
    assert server.position("alice", "RAIN").position == 10


def test_feed_takes_the_events_of_the_service(openpositions_server: SandboxServer) -> None:
    """Whatever `POST /v1/events` takes; a repeat is a duplicate."""
    event = {"type": "cash", "msg": {"cash_id": "c1", "user_id": "alice", "amount_dollars": "250.00"}}

    assert openpositions_server.feed(event) == (1, 0, 1)
    assert openpositions_server.feed(event) == (0, 1, 1)


@pytest.mark.openpositions(wire="2025", connections_per_user=1)
async def test_marker_sets_the_service(openpositions_server: SandboxServer) -> None:
    """Any setting of `openpositions serve`, by the name of its flag."""
    server = openpositions_server
    async with aiohttp.ClientSession() as session:
        headers = server.key("alice").headers()
        async with session.ws_connect(server.ws_url, headers=headers):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await session.ws_connect(server.ws_url, headers=headers)

    assert refusal.value.status == 429


async def test_sandbox_encrypts_when_it_has_a_certificate(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Its URLs say so, and faults are met all the same."""
    certificate = self_signed(tmp_path, rsa_key)
    settings = {"tls_cert": certificate.certificate_file, "tls_key": certificate.key_file}
    with SandboxServer(**settings) as server:
        headers = server.key("alice").headers()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(server.ws_url, headers=headers, ssl=certificate.trust) as ws,
        ):
            server.pause()
            await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
            await server.wait_for_async(subscriptions=1)
            server.fill("alice", "RAIN")
            assert server.frames.sent() == []
            server.resume()
            types = [(await ws.receive_json())["type"] for _ in range(2)]
            server.drop_connections(close_code=1001)
            closing = await ws.receive()

    assert server.ws_url.startswith("wss://")
    assert (types, closing.data) == (["subscribed", "market_position"], 1001)


def test_impossible_setting_says_so_before_anything_starts() -> None:
    """The error is that of the service."""
    with pytest.raises(Misconfigured, match="--wire must be 2025, 2026 or both, not '2024'"):
        SandboxServer(wire="2024")


def test_port_that_is_taken_says_so(openpositions_server: SandboxServer) -> None:
    """What the thread of the service raises, whoever starts it hears."""
    with pytest.raises(Misconfigured, match=r"cannot listen on 127\.0\.0\.1"):
        SandboxServer(port=urlsplit(openpositions_server.url).port)


def test_nothing_is_left_after_it() -> None:
    """No thread, no file; and whoever goes on using it is told."""
    with SandboxServer() as server:
        file = server.key("alice").private_key_file
    names = {thread.name for thread in threading.enumerate()}

    assert (file.parent.exists(), "openpositions-sandbox" in names) == (False, False)
    with pytest.raises(ServiceStopped, match="the sandbox was stopped"):
        server.positions("alice")


async def test_waiting_lets_the_loop_of_the_test_go_on(openpositions_server: SandboxServer) -> None:
    """A client that runs on it connects, subscribes, and is told of a fill meanwhile."""
    server = openpositions_server

    async def listen() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(server.ws_url, headers=server.key("alice").headers()) as ws,
        ):
            await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions", "fill"]}})
            async for _ in ws:
                pass

    listening = asyncio.create_task(listen())
    await server.wait_for_async(connections=1, subscriptions=2, received={"cmd": "subscribe"})
    server.fill("alice", "RAIN")
    server.fill("alice", "SNOW")
    await server.wait_for_async(
        sent={"type": "market_position"}, count=2, row={"user_id": "alice", "market_ticker": "SNOW", "cost": "4.00"}
    )
    listening.cancel()
    await server.wait_for_async(lambda: server.connections == 0)


async def test_a_name_that_is_nothing_to_wait_for_is_refused(openpositions_server: SandboxServer) -> None:
    """It is named, with those that may be given: a slip must not look like a fault of the library."""
    said = "rwo is nothing to wait for: name a condition, or connections, subscriptions, sent, received, count, row, or"
    with pytest.raises(InvalidInput, match=said):
        openpositions_server.wait_for(rwo={"position": 1})  # type: ignore[call-arg]
    with pytest.raises(InvalidInput, match=said):
        await openpositions_server.wait_for_async(rwo={"position": 1})  # type: ignore[call-arg]


def test_waiting_in_vain_says_what_was_seen(openpositions_server: SandboxServer) -> None:
    """What was wanted, whether it held, and what there was instead."""
    openpositions_server.fill("alice", "RAIN")
    with pytest.raises(WaitTimeout) as failure:
        openpositions_server.wait_for(
            connections=0, sent={"type": "fill"}, row={"market_ticker": "RAIN", "position": 11}, timeout=0.01
        )
    lines = str(failure.value).splitlines()

    assert lines[:4] == [
        "not within 0.01 s:",
        "  wanted 0 connections, which held; seen: 0 connections",
        '  wanted 1 messages sent like {"type":"fill"}, which did not hold; seen: 0 of them among 0 messages sent',
        "  wanted a row with market_ticker RAIN, position 11, which did not hold; seen: 1 rows",
    ]
    assert "position=Decimal('10.00')" in lines[4]


async def test_waiting_in_vain_on_a_loop_names_the_way_out(openpositions_server: SandboxServer) -> None:
    """A blocking wait in a coroutine keeps the client under test from doing anything."""
    with pytest.raises(WaitTimeout, match=r"use `await server.wait_for_async"):
        openpositions_server.wait_for(lambda: False, timeout=0)


def test_waiting_shows_the_condition_and_what_it_gave(openpositions_server: SandboxServer) -> None:
    """What it raises means that it is not so yet."""
    heard: dict[str, int] = {}
    with pytest.raises(WaitTimeout) as failure:
        openpositions_server.wait_for(lambda: heard["RAIN"] == 10, timeout=0)

    assert str(failure.value).splitlines()[1] == (
        '  wanted openpositions_server.wait_for(lambda: heard["RAIN"] == 10, timeout=0), which did not hold; '
        "seen: KeyError('RAIN')"
    )


def test_waiting_for_nothing_is_refused(openpositions_server: SandboxServer) -> None:
    """It would always succeed."""
    with pytest.raises(InvalidInput, match="name what to wait for"):
        openpositions_server.wait_for()
