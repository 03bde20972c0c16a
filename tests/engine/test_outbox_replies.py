"""How replies, snapshots and held frames stand among live ones (protocol, 2, 5.1 and 5.4)."""

import pytest

from tests.connected import Connected, connected, positions
from tests.conversation import Conversation
from tests.events import bought_yes, settled
from tests.journaled_book import book_after

WHOLE: dict[str, object] = {"channels": ["market_positions"], "send_initial_snapshot": True}

# ---------------------------------------------------------------- snapshots and replies


def test_live_frames_wait_behind_the_marker_of_a_snapshot() -> None:
    """However slowly the snapshot is read, and what it shows is as of its command."""
    connection = Connected(Conversation(book_after(bought_yes("t1", 1_00), bought_yes("t2", 2_00, ticker="SUN"))))
    connection.say("subscribe", **WHOLE)
    first = connection.read(2)

    connection.feed(bought_yes("t3", 1_00), settled("yes", ticker="SUN"))

    assert positions(first + connection.read()) == [
        ("subscribed", ""),
        ("RAIN", "1.00"),
        ("SUN", "2.00"),
        ("market_positions_snapshot", ""),
        ("RAIN", "2.00"),
        ("SUN", "0.00"),
    ]


@pytest.mark.parametrize("blocked", [False, True])
def test_news_from_before_a_snapshot_leaves_before_it(*, blocked: bool) -> None:
    """Live frames behind the marker start after its sequence, whether what waited had been merged or not."""
    connection = connected("market_positions", book=book_after(bought_yes("t1", 1_00)))
    connection.outbox.blocked = blocked
    connection.feed(bought_yes("t2", 1_00))

    connection.say("subscribe", **WHOLE)
    connection.feed(bought_yes("t3", 1_00))

    assert positions(connection.read()) == [
        ("RAIN", "2.00"),
        ("subscribed", ""),
        ("RAIN", "2.00"),
        ("market_positions_snapshot", ""),
        ("RAIN", "3.00"),
    ]


def test_news_from_before_a_wider_filter_leaves_before_its_marker() -> None:
    """The marker's sequence is one to resume from, so nothing up to it may still be on its way."""
    connection = connected("market_positions", book=book_after(bought_yes("t1", ticker="SUN")), market_ticker="RAIN")
    connection.say("subscribe", **WHOLE, market_ticker="RAIN")
    connection.read()
    connection.feed(bought_yes("t2", 1_00))

    connection.say("update_subscription", action="add_markets", sid=1, market_ticker="SUN")

    assert positions(connection.read()) == [
        ("RAIN", "1.00"),
        ("ok", ""),
        ("SUN", "10.00"),
        ("market_positions_snapshot", ""),
    ]


@pytest.mark.parametrize("blocked", [False, True])
def test_nothing_follows_the_end_of_a_subscription(*, blocked: bool) -> None:
    """Its `unsubscribed` is its last frame, and has the last seq."""
    connection = connected("market_positions", "fill", extended=True)
    connection.outbox.blocked = blocked
    connection.feed(bought_yes("t1"))

    connection.say("unsubscribe", sids=[1])
    connection.feed(bought_yes("t2"))

    frames = connection.read()
    assert [(frame["type"], frame["sid"], frame.get("seq")) for frame in frames] == [
        ("fill", 2, None),
        ("market_position", 1, 1),
        ("unsubscribed", 1, 2),
        ("fill", 2, None),
    ]


@pytest.mark.parametrize("blocked", [False, True])
def test_nothing_of_a_deleted_market_follows_the_reply(*, blocked: bool) -> None:
    """What is left of the filter is told as ever."""
    connection = connected("market_positions", market_tickers=["RAIN", "SUN"])
    connection.outbox.blocked = blocked
    connection.feed(bought_yes("t1"))

    connection.say("update_subscription", action="delete_markets", sid=1, market_ticker="RAIN")
    connection.feed(bought_yes("t2"), bought_yes("t3", ticker="SUN"))

    assert positions(connection.read()) == [("RAIN", "10.00"), ("ok", ""), ("SUN", "10.00")]


def test_frames_can_be_taken_a_few_at_a_time() -> None:
    """Nothing is lost or doubled between two readings."""
    connection = Connected(Conversation(book_after(bought_yes("t1"), bought_yes("t2", ticker="SUN"))))
    connection.say("subscribe", **WHOLE)
    connection.feed(bought_yes("t3", 1_00, ticker="FOG"))

    frames = [frame for _ in range(6) for frame in connection.read(1)]

    assert positions(frames) == [
        ("subscribed", ""),
        ("RAIN", "10.00"),
        ("SUN", "10.00"),
        ("market_positions_snapshot", ""),
        ("FOG", "1.00"),
    ]
    assert connection.outbox.is_empty


# ---------------------------------------------------------------- conflate_ms


def test_conflated_changes_are_held_until_they_are_released() -> None:
    """Then one frame per row leaves, the latest, in order of sequence."""
    connection = connected("market_positions", conflate_ms=250)

    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 2_00, ticker="SUN"), bought_yes("t3", 1_00))
    held = connection.read()
    connection.outbox.release()

    assert held == []
    assert positions(connection.read()) == [("SUN", "2.00"), ("RAIN", "2.00")]


def test_timer_is_wanted_only_while_something_is_held() -> None:
    """After as many milliseconds as were asked for."""
    connection = connected("market_positions", conflate_ms=250)
    before = connection.outbox.conflate_ms
    connection.feed(bought_yes("t1"))
    held = connection.outbox.conflate_ms
    connection.outbox.release()

    assert (before, held, connection.outbox.conflate_ms) == (0, 250, 0)


def test_fills_are_not_held() -> None:
    """`conflate_ms` is of positions."""
    connection = connected("market_positions", "fill", conflate_ms=250)

    connection.feed(bought_yes("t1"))

    assert [frame["type"] for frame in connection.read()] == ["fill"]


def test_released_changes_merge_with_those_that_still_wait() -> None:
    """A slow reader of a conflated subscription waits for one frame per row too, which counts all it stands for."""
    connection = connected("market_positions", conflate_ms=250, extended=True)
    connection.outbox.blocked = True
    for trades in (["t1", "t2"], ["t3", "t4", "t5"]):
        connection.feed(*(bought_yes(trade_id, 1_00) for trade_id in trades))
        connection.outbox.release()

    (frame,) = connection.read()

    assert (frame["msg"]["position_fp"], frame["conflated"], frame["seq"]) == ("5.00", 4, 1)


def test_held_changes_leave_before_the_reply_to_a_command() -> None:
    """So that nothing behind a marker is older than it, and nothing follows an end."""
    connection = connected("market_positions", conflate_ms=250)
    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 1_00))
    connection.say("subscribe", **WHOLE)
    connection.feed(bought_yes("t3", 1_00))
    connection.say("unsubscribe", sids=[1])
    connection.outbox.release()

    assert positions(connection.read()) == [
        ("RAIN", "2.00"),
        ("subscribed", ""),
        ("RAIN", "2.00"),
        ("market_positions_snapshot", ""),
        ("RAIN", "3.00"),
        ("unsubscribed", ""),
    ]
