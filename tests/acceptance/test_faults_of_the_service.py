"""A clock that is off, keys that expire, another dialect, a channel that is not there, a restart (reference, "Faults").

Every test runs twice: the fault is made by a method of the fixture, and by `POST /v1/faults`.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openpositions.testing.sandbox_server import SandboxServer
from tests.acceptance.http import ask, until_started
from tests.acceptance.sandbox import Sandbox, market
from tests.acceptance.websocket import PATH, Refused, WebSocket, connect

EXPIRED = b'{"error":{"code":"header_timestamp_expired","message":"header timestamp expired"}}'


@pytest.fixture(params=[False, True], ids=["by method", "over HTTP"])
def sandbox(openpositions_server: SandboxServer, request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox that was never used."""
    return Sandbox(openpositions_server, request.param)


async def refusal_of(sandbox: Sandbox, user: str) -> tuple[int, bytes]:
    """How a handshake of a user is refused."""
    with pytest.raises(Refused) as refusal:
        await sandbox.connect(user)
    return refusal.value.status, refusal.value.body


# ---------------------------------------------------------------- who is let in


async def test_a_clock_that_is_ahead_refuses_good_timestamps(sandbox: Sandbox) -> None:
    """And takes those that are as far ahead; what nobody can sign rightly any more can still be ended."""
    await sandbox.make(lambda server: server.skew_clock(3600), fault="clock_skew", ms=3_600_000)
    assert await refusal_of(sandbox, "alice") == (401, EXPIRED)

    ahead = sandbox.server.key("alice").headers("GET", PATH, ts_ms=int(time.time() * 1000) + 3_600_000)
    async with await connect(sandbox, None, headers=ahead) as socket:
        assert (await socket.command("list_subscriptions"))["type"] == "ok"

    await sandbox.make(lambda server: server.skew_clock(0), fault="clock_skew", ms=0)
    async with await sandbox.subscribed("alice"):
        assert sandbox.server.faults == []


async def test_the_keys_of_a_user_expire(sandbox: Sandbox) -> None:
    """For the socket and for reads; sockets that are open go on, and so do other users."""
    async with await sandbox.subscribed("alice") as socket:
        await sandbox.make(lambda server: server.expire_key(user="alice"), fault="expire_key", user_id="alice")
        read = await ask(sandbox, sandbox.server.key("alice"), "GET", "/trade-api/v2/portfolio/positions")
        sandbox.server.fill("alice", "RAIN")

        assert await refusal_of(sandbox, "alice") == (401, EXPIRED)
        assert (read.status, read.body) == (401, EXPIRED)
        assert market(await socket.message()) == "RAIN"
    async with await sandbox.subscribed("bob"):
        pass


async def test_one_key_expires(sandbox: Sandbox) -> None:
    """A client that changes to another key of the same user is let in."""
    key_id = sandbox.server.key("alice").key_id
    await sandbox.make(lambda server: server.expire_key(key_id=key_id), fault="expire_key", key_id=key_id)

    assert await refusal_of(sandbox, "alice") == (401, EXPIRED)
    other = sandbox.server.key("alice", scopes=["read", "ingest"])
    async with await connect(sandbox, other) as socket:
        assert await socket.subscribe("market_positions") == 1


async def test_a_ticket_of_an_expired_key_opens_nothing(sandbox: Sandbox) -> None:
    """It is answered as the key is."""
    alice = sandbox.server.key("alice")
    ticket = (await ask(sandbox, alice, "POST", "/v1/tickets")).content["ticket"]
    await sandbox.make(lambda server: server.expire_key(user="alice"), fault="expire_key", user_id="alice")
    with pytest.raises(Refused) as refusal:
        await connect(sandbox, None, f"?ticket={ticket}")

    assert (refusal.value.status, refusal.value.body) == (401, EXPIRED)


# ---------------------------------------------------------------- what is spoken


async def test_connections_opened_later_speak_another_dialect(sandbox: Sandbox) -> None:
    """Unless they name one; those that are open go on as they were."""
    async with await sandbox.subscribed() as before:
        await sandbox.make(lambda server: server.speak("2025"), fault="dialect", wire="2025")
        async with await sandbox.subscribed() as after, await sandbox.subscribed(query="?wire=2026") as named:
            sandbox.server.fill("alice", "RAIN")

            assert await names_of_positions(before) == ["position", "position_fp"]
            assert await names_of_positions(after) == ["position"]
            assert await names_of_positions(named) == ["position_fp"]


async def test_a_channel_is_unknown(sandbox: Sandbox) -> None:
    """With the error of a channel that never was; other channels are there, and in the end this one is too."""
    async with await sandbox.connect() as socket:
        await sandbox.make(
            lambda server: server.withhold_channel("market_positions"),
            fault="unknown_channel",
            channel="market_positions",
        )
        answer = await socket.command("subscribe", channels=["fill", "market_positions"])

        assert (answer["id"], answer["type"], answer["msg"]["code"], answer["msg"]["msg"]) == (
            1,
            "error",
            8,
            "Unknown channel name",
        )
        assert await socket.subscribe("fill") == 1
        assert (await socket.command("nonsense"))["msg"]["code"] == 5
        await sandbox.make(lambda server: server.withhold_channel(None), fault="unknown_channel", channel=None)
        assert await socket.subscribe("market_positions") == 2


async def names_of_positions(socket: WebSocket) -> list[str]:
    """Under which names a frame states the position."""
    message = (await socket.message())["msg"]
    return [name for name in ("position", "position_fp") if name in message]


# ---------------------------------------------------------------- restarts


async def test_a_restart_says_goodbye_and_comes_back_with_everything(sandbox: Sandbox) -> None:
    """Close code 1012; the same port, the same keys, the same rows, and the same history to resume in."""
    before = sandbox.url
    sandbox.server.fill("alice", "RAIN")
    async with await sandbox.connect() as socket:
        await socket.subscribe("market_positions", send_initial_snapshot=True)
        marker = [await socket.message() for _ in range(2)][1]["msg"]
        await sandbox.make(lambda server: server.restart(), fault="restart")

        assert await socket.close_code() == 1012
    async with await sandbox.reconnected() as socket:
        resume = {"epoch": marker["epoch"], "sequence": marker["sequence"]}
        answer = await socket.command("subscribe", channels=["market_positions"], resume=resume)

        assert answer["msg"]["recovered"] is True
        assert market(await socket.message()) == "RAIN"
    assert sandbox.url == before


async def test_faults_outlive_a_restart(sandbox: Sandbox) -> None:
    """A scenario that restarts the service in the middle of another fault finds it as it was."""
    sandbox.server.speak("2025")
    sandbox.server.expire_key(user="bob")
    await sandbox.make(lambda server: server.restart(), fault="restart")
    await until_started(sandbox, sandbox.admin, 2)
    async with await sandbox.subscribed() as socket:
        sandbox.server.fill("alice", "RAIN")

        assert await names_of_positions(socket) == ["position"]
        assert await refusal_of(sandbox, "bob") == (401, EXPIRED)


async def test_a_restart_waits_for_nobody(sandbox: Sandbox) -> None:
    """A client whose loop stands still meanwhile, or that never reads, finds its close frame afterwards."""
    async with await sandbox.subscribed():
        since = time.monotonic()
        sandbox.server.restart()

        assert time.monotonic() - since < 2


async def test_a_restart_comes_late_where_frames_are_delayed(sandbox: Sandbox) -> None:
    """The goodbye is as long on its way as anything else, and so is what was sent before it."""
    async with await sandbox.subscribed() as socket:
        sandbox.server.delay(0.3)
        sandbox.server.fill("alice", "RAIN")
        await sandbox.make(lambda server: server.restart(), fault="restart")

        assert market(await socket.message()) == "RAIN"
        assert await socket.close_code() == 1012


# ---------------------------------------------------------------- all of them


async def test_active_faults_are_listed_and_cleared(sandbox: Sandbox) -> None:
    """With the counts that are left; what happens at once is not among them."""
    key_id = sandbox.server.key("alice").key_id
    stated: list[dict[str, Any]] = [
        {"fault": "reject_handshakes", "count": 3, "status": 503},
        {"fault": "delay_frames", "ms": 5},
        {"fault": "duplicate_frames", "count": 4},
        {"fault": "reorder_frames", "count": 2},
        {"fault": "pause"},
        {"fault": "clock_skew", "ms": -7},
        {"fault": "expire_key", "key_id": key_id, "user_id": None},
        {"fault": "dialect", "wire": "2026"},
        {"fault": "unknown_channel", "channel": "fill"},
    ]
    if sandbox.over_http:
        answer = await sandbox.post([*stated, {"fault": "drop_connections"}])
        assert answer.content == {"faults": stated, "starts": 1}
        listed = await ask(sandbox, sandbox.admin, "GET", "/v1/faults")
        assert listed.content == {"faults": stated, "starts": 1}
        cleared = await ask(sandbox, sandbox.admin, "DELETE", "/v1/faults")
        assert (cleared.status, json.loads(cleared.body)) == (200, {"faults": [], "starts": 1})
    else:
        sandbox.server.make_faults(*stated, {"fault": "drop_connections"})
        assert sandbox.server.faults == stated
        sandbox.server.clear_faults()
    assert sandbox.server.faults == []


async def test_a_cut_that_is_to_come_can_be_taken_back(sandbox: Sandbox) -> None:
    """Until then it is listed, with the bytes that are left."""
    async with await sandbox.subscribed() as socket:
        sandbox.server.drop_connections(after_bytes=1000)
        sandbox.server.fill("alice", "RAIN")
        size = len(await socket.text()) + 4
        listed = sandbox.server.faults
        sandbox.server.clear_faults()
        for ticker in ("A", "B", "C", "D"):
            sandbox.server.fill("alice", ticker)

        stated = {"fault": "drop_connections", "user_id": "alice", "close_code": None, "after_bytes": 1000 - size}
        assert listed == [stated]
        assert [market(await socket.message()) for _ in range(4)] == ["A", "B", "C", "D"]
        assert sandbox.server.faults == []


async def test_clearing_lets_go_what_is_held(sandbox: Sandbox) -> None:
    """Frames that waited for a pause, a delay and a reordering leave in the order they came."""
    async with await sandbox.subscribed() as socket:
        sandbox.server.make_faults(
            {"fault": "pause"}, {"fault": "delay_frames", "ms": 60_000}, {"fault": "reorder_frames", "count": 3}
        )
        sandbox.server.fill("alice", "RAIN")
        sandbox.server.fill("alice", "SNOW")
        if sandbox.over_http:
            await ask(sandbox, sandbox.admin, "DELETE", "/v1/faults")
        else:
            sandbox.server.clear_faults()

        assert [market(await socket.message()) for _ in range(2)] == ["RAIN", "SNOW"]
