"""Connections that are dropped, refused, delayed and paused, as a client meets them (reference, "Faults").

Every test runs twice: the fault is made by a method of the fixture, and by `POST /v1/faults`.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from openpositions.testing.sandbox_server import SandboxServer
from tests.acceptance.http import ask
from tests.acceptance.sandbox import Sandbox, market
from tests.acceptance.websocket import CLOSE, Refused

# Long enough to notice a frame that should not come, or not so soon.
A_MOMENT = 0.1


@pytest.fixture(params=[False, True], ids=["by method", "over HTTP"])
def sandbox(openpositions_server: SandboxServer, request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox that was never used."""
    return Sandbox(openpositions_server, request.param)


# ---------------------------------------------------------------- drops


async def test_a_cut_connection_ends_without_a_close_frame(sandbox: Sandbox) -> None:
    """Those of one user; those of others go on."""
    async with await sandbox.subscribed("alice") as alice, await sandbox.subscribed("bob") as bob:
        await sandbox.make(lambda server: server.drop_connections("alice"), fault="drop_connections", user_id="alice")
        sandbox.server.trade("alice", "bob", "RAIN")

        assert await alice.rest() == b""
        assert market(await bob.message()) == "RAIN"


async def test_a_drop_of_all_ends_everybodys(sandbox: Sandbox) -> None:
    """And the service counts them out."""
    async with await sandbox.subscribed("alice") as alice, await sandbox.subscribed("bob") as bob:
        await sandbox.make(lambda server: server.drop_connections(), fault="drop_connections")

        assert (await alice.rest(), await bob.rest()) == (b"", b"")
        await sandbox.server.wait_for_async(connections=0)


async def test_a_drop_may_come_with_a_close_frame(sandbox: Sandbox) -> None:
    """Of any code; behind what was sent before."""
    async with await sandbox.subscribed() as socket:
        sandbox.server.fill("alice", "RAIN")
        await sandbox.make(
            lambda server: server.drop_connections(close_code=4002), fault="drop_connections", close_code=4002
        )

        assert market(await socket.message()) == "RAIN"
        assert await socket.receive() == (CLOSE, b"\x0f\xa2")
        assert await socket.rest() == b""


async def test_a_drop_may_come_in_the_middle_of_a_frame(sandbox: Sandbox) -> None:
    """After exactly so many bytes of what is written from then on."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(
            lambda server: server.drop_connections(after_bytes=30), fault="drop_connections", after_bytes=30
        )
        sandbox.server.fill("alice", "RAIN")
        sandbox.server.fill("alice", "SNOW")

        assert (await socket.rest())[4:] == b'{"type":"market_position",'


async def test_a_drop_may_come_after_whole_frames(sandbox: Sandbox) -> None:
    """Frames that fit are whole."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(
            lambda server: server.drop_connections(after_bytes=500), fault="drop_connections", after_bytes=500
        )
        for ticker in ("A", "B", "C"):
            sandbox.server.fill("alice", ticker)

        assert market(await socket.message()) == "A"
        with pytest.raises(asyncio.IncompleteReadError):
            await socket.message()


# ---------------------------------------------------------------- handshakes


async def test_the_next_handshakes_are_refused(sandbox: Sandbox) -> None:
    """So many, with the status that was chosen; whoever comes after them is let in."""
    await sandbox.make(
        lambda server: server.reject_handshakes(2, status=502), fault="reject_handshakes", count=2, status=502
    )
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            await sandbox.connect()
        assert (refusal.value.status, json.loads(refusal.value.body)["error"]["code"]) == (502, "bad_gateway")
    async with await sandbox.subscribed():
        assert sandbox.server.faults == []
    assert [frame.kind for frame in sandbox.server.frames][:2] == ["refused", "refused"]


async def test_a_refusal_for_too_many_has_the_body_of_the_venue(sandbox: Sandbox) -> None:
    """A client that reads it finds what it would find there."""
    await sandbox.make(
        lambda server: server.reject_handshakes(status=429), fault="reject_handshakes", count=1, status=429
    )
    with pytest.raises(Refused) as refusal:
        await sandbox.connect()

    assert (refusal.value.status, refusal.value.body) == (429, b'{"error":"too many requests"}')


async def test_a_status_without_a_name_is_taken(sandbox: Sandbox) -> None:
    """What stands in front of a venue answers with some of these."""
    await sandbox.make(
        lambda server: server.reject_handshakes(status=522), fault="reject_handshakes", count=1, status=522
    )
    with pytest.raises(Refused) as refusal:
        await sandbox.connect()

    assert (refusal.value.status, json.loads(refusal.value.body)["error"]["code"]) == (522, "rejected")


# ---------------------------------------------------------------- frames


async def test_frames_come_later(sandbox: Sandbox) -> None:
    """Each by the delay, and in their order."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.delay(0.2), fault="delay_frames", ms=200)
        since = asyncio.get_running_loop().time()
        sandbox.server.fill("alice", "RAIN")
        sandbox.server.fill("alice", "SNOW")

        assert [market(await socket.message()) for _ in range(2)] == ["RAIN", "SNOW"]
        assert asyncio.get_running_loop().time() - since >= 0.2


async def test_the_end_of_a_delay_lets_go_what_is_on_its_way(sandbox: Sandbox) -> None:
    """At once, and in its order."""
    async with await sandbox.subscribed() as socket:
        sandbox.server.delay(60)
        sandbox.server.fill("alice", "RAIN")
        await sandbox.make(lambda server: server.delay(0), fault="delay_frames", ms=0)
        sandbox.server.fill("alice", "SNOW")

        assert [market(await socket.message()) for _ in range(2)] == ["RAIN", "SNOW"]


async def test_a_delayed_burst_arrives_whole(sandbox: Sandbox) -> None:
    """A delay is a long way and no slow reader: a megabyte on it is not merged."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.delay(A_MOMENT), fault="delay_frames", ms=100)
        sandbox.server.feed(*(_fill(number) for number in range(2_000)))

        assert [(await socket.message())["msg"]["position"] for _ in range(2_000)] == list(range(1, 2_001))


async def test_frames_come_twice(sandbox: Sandbox) -> None:
    """So many of the next; then once again."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.duplicate_frames(2), fault="duplicate_frames", count=2)
        for ticker in ("A", "B", "C"):
            sandbox.server.fill("alice", ticker)

        assert [market(await socket.message()) for _ in range(5)] == ["A", "A", "B", "B", "C"]


async def test_frames_come_in_reverse_order(sandbox: Sandbox) -> None:
    """So many of the next, once all of them are there; then in order again."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.reorder_frames(3), fault="reorder_frames", count=3)
        for ticker in ("A", "B", "C", "D"):
            sandbox.server.fill("alice", ticker)

        assert [market(await socket.message()) for _ in range(4)] == ["C", "B", "A", "D"]


async def test_frames_held_for_reordering_leave_before_the_connection_closes(sandbox: Sandbox) -> None:
    """Nothing may follow a close frame, and nothing is lost for it."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.reorder_frames(3), fault="reorder_frames", count=3)
        sandbox.server.fill("alice", "RAIN")
        sandbox.server.drop_connections(close_code=1001)

        assert market(await socket.message()) == "RAIN"
        assert await socket.close_code() == 1001


async def test_nothing_is_written_in_a_pause(sandbox: Sandbox) -> None:
    """Not even pings; what waited comes after it, in its order."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.pause(), fault="pause")
        sandbox.server.fill("alice", "RAIN")
        sandbox.server.fill("alice", "SNOW")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.text(), A_MOMENT)
        await sandbox.make(lambda server: server.resume(), fault="resume")

        assert [market(await socket.message()) for _ in range(2)] == ["RAIN", "SNOW"]


async def test_a_long_pause_merges_what_a_slow_reader_would_miss(sandbox: Sandbox) -> None:
    """More than the socket keeps is held one per row: the last state arrives, fewer frames do, and nothing grows."""
    async with await sandbox.subscribed() as socket:
        await sandbox.make(lambda server: server.pause(), fault="pause")
        for start in range(0, 4_000, 500):
            sandbox.server.feed(*(_fill(number) for number in range(start, start + 500)))
        await sandbox.make(lambda server: server.resume(), fault="resume")
        positions = [0]
        while positions[-1] != 4_000:
            positions.append((await socket.message())["msg"]["position"])

        assert len(positions) < 2_000
        assert positions == sorted(positions)


async def test_reads_go_on_in_a_pause(sandbox: Sandbox) -> None:
    """Only sockets are paused: a client that falls back to REST finds it there."""
    await sandbox.make(lambda server: server.pause(), fault="pause")
    sandbox.server.fill("alice", "RAIN")
    answer = await ask(sandbox, sandbox.server.key("alice"), "GET", "/trade-api/v2/portfolio/positions")

    assert [row["ticker"] for row in answer.content["market_positions"]] == ["RAIN"]


def _fill(number: int) -> dict[str, object]:
    message = {"trade_id": f"t{number}", "user_id": "alice", "market_ticker": "RAIN", "outcome_side": "yes"}
    return {"type": "fill", "msg": message | {"yes_price_dollars": "0.50", "count_fp": "1"}}
