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
