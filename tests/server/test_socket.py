"""What a connection does while its peer takes nothing, and how it ends (protocol, 5.4, 5.5 and "Close codes")."""

import asyncio

from aiohttp import WSMsgType

from tests.conversation import command
from tests.server.peer import PATIENCE_SECONDS, conversing, idle


async def test_command_is_not_carried_out_while_the_peer_takes_nothing() -> None:
    """Although the connection was waiting for one when it blocked."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()
        one.peer.send(command("unsubscribe", sids=[1]))
        await idle()
        subscribed = one.is_subscribed
        one.peer.take()
        await one.until(b"unsubscribed")

    assert subscribed


async def test_command_waits_also_when_what_drained_blocks_again() -> None:
    """What was merged meanwhile is more than the socket takes at once."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(2, 1_000)
        await one.until_blocked()
        one.peer.send(command("unsubscribe", sids=[1]))
        subscribed = []
        for _ in range(3):
            one.peer.take()
            one.peer.stop_taking()
            await idle()
            subscribed.append(one.connection.outbox.blocked and one.is_subscribed)
        one.peer.take()
        await one.until(b"unsubscribed")

    assert subscribed == [True, True, True]


async def test_close_is_heard_while_nothing_is_taken() -> None:
    """A peer that goes while it is slow is gone."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        one.peer.send(b"", WSMsgType.CLOSE)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await one.serving
        assert one.hub.listeners() == []


# ---------------------------------------------------------------- pings of the peer


async def test_pong_follows_what_was_published_before_its_ping() -> None:
    """Although nothing of it had been written yet."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.fill(1, 1)
        one.peer.send(b"here?", WSMsgType.PING)
        await one.until(b"here?")

    assert one.peer.written.endswith(b"}\x8a\x05here?")
    assert b'"market_ticker":"M0"' in one.peer.written


async def test_pongs_that_are_not_taken_are_not_taken_for_progress() -> None:
    """A peer that pings and takes nothing has taken nothing."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        taken = []
        for body in (b"first", b"second"):
            one.peer.send(body, WSMsgType.PING)
            await one.until(body)
            taken.append(one.connection.bytes_taken)

        assert taken == [len(one.peer.written) - one.peer.waiting_bytes] * 2


async def test_pongs_for_a_peer_that_takes_nothing_do_not_pile_up() -> None:
    """After 64 KiB its pings wait, too; all are answered once it takes data."""
    async with conversing() as one:
        one.peer.stop_taking()
        for _ in range(2_000):
            one.peer.send(bytes(125), WSMsgType.PING)
        one.peer.send(b"the last", WSMsgType.PING)
        await one.until_blocked()
        await idle()
        waiting = one.peer.waiting_bytes
        one.peer.take()
        await one.until(b"the last")

    assert 65_536 < waiting <= 65_536 + 127
    assert one.peer.written.count(b"\x8a") == 2_001


async def test_ping_that_comes_while_the_peer_goes_away_is_no_mistake_of_ours() -> None:
    """Nothing is written to it any more, and nothing is raised."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.is_gone = True
        written = len(one.peer.written)
        one.peer.send(b"here?", WSMsgType.PING)
        one.peer.send(b"", WSMsgType.CLOSE)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await one.serving
        assert len(one.peer.written) == written


# ---------------------------------------------------------------- the end


async def test_peer_that_takes_what_is_left_of_its_buffer_is_told_why_it_ends() -> None:
    """A frame fits behind what waits."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 10)
        await one.until(b"M9")

        await one.connection.close(1013)

        assert (one.peer.close_code, one.peer.is_cut) == (1013, True)


async def test_peer_whose_buffer_is_full_is_cut() -> None:
    """No frame fits any more."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        await one.connection.close(1013)

        assert (one.peer.close_code, one.peer.is_cut) == (None, True)


async def test_planned_stop_waits_for_a_peer_that_reads() -> None:
    """All that waits, the notice, and then the code."""
    async with conversing() as one:
        await one.subscribe("market_positions")
        one.peer.stop_taking()
        one.fill(1, 400)
        await one.until_blocked()

        closing = asyncio.create_task(one.connection.close(1012, b"notice", patience_seconds=PATIENCE_SECONDS))
        await idle()
        told_at_once = one.peer.close_code
        one.peer.take()
        await closing

        assert told_at_once is None
        assert (one.peer.close_code, one.peer.is_cut) == (1012, False)
        assert one.peer.written.endswith(b"notice")
        assert b"M399" in one.peer.written


# ---------------------------------------------------------------- conflation


async def test_conflated_changes_leave_together_after_their_time() -> None:
    """One frame for both; and the next ones after another while."""
    async with conversing() as one:
        await one.subscribe("market_positions", conflate_ms=20)
        for count in (1, 2):
            started = asyncio.get_running_loop().time()
            one.fill(2, 1)
            await one.until(b'"position":%d' % (count * 20))
            assert asyncio.get_running_loop().time() - started >= 0.02

        assert one.peer.written.count(b'"market_position"') == 2
