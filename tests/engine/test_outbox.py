"""What a connection is told, in which order, however slow it reads (protocol, 5.1, 5.4 and 5.5)."""

import pytest

from openpositions.core.events import Event
from openpositions.engine.waiting import Lifecycle
from openpositions.wire.socket.frames import Dialect
from tests.connected import Connected, connected, positions
from tests.conversation import Conversation
from tests.events import adjusted, bought_yes, busted, settled
from tests.journaled_book import book_after

# ---------------------------------------------------------------- while the socket takes data


def test_every_change_has_its_frame_in_order() -> None:
    """Two changes of one row are two frames."""
    connection = connected("market_positions")

    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 2_00, ticker="SUN"), bought_yes("t3", 1_00))

    assert positions(connection.read()) == [("RAIN", "1.00"), ("SUN", "2.00"), ("RAIN", "2.00")]
    assert connection.outbox.is_empty


def test_settlement_is_told_once_per_row() -> None:
    """To the positions; it is no fill."""
    connection = connected(
        "market_positions", "fill", book=book_after(bought_yes("t1"), bought_yes("t2", subaccount=7))
    )

    connection.feed(settled("yes"))

    assert positions(connection.read()) == [("RAIN", "0.00"), ("RAIN", "0.00")]


def test_fill_is_told_before_the_position_it_made() -> None:
    """Each on the sid of its channel."""
    connection = connected("market_positions", "fill")

    connection.feed(bought_yes("t1"))

    assert [(frame["type"], frame["sid"]) for frame in connection.read()] == [("fill", 2), ("market_position", 1)]


@pytest.mark.parametrize("event", [adjusted("a1", fees=5), busted("b1", "t1")])
def test_adjustment_and_bust_are_no_fills(event: Event) -> None:
    """They change the position only."""
    connection = connected("market_positions", "fill", book=book_after(bought_yes("t1")))

    connection.feed(event)

    assert [frame["type"] for frame in connection.read()] == ["market_position"]


def test_filter_of_each_channel_is_kept() -> None:
    """Positions of one market, fills of another."""
    connection = connected("market_positions", market_ticker="RAIN")
    connection.say("subscribe", channels=["fill"], market_ticker="SUN")
    connection.read()

    connection.feed(bought_yes("t1", ticker="RAIN"), bought_yes("t2", ticker="SUN"))

    frames = connection.read()
    assert [(frame["type"], frame["msg"]["market_ticker"]) for frame in frames] == [
        ("market_position", "RAIN"),
        ("fill", "SUN"),
    ]


@pytest.mark.parametrize(
    ("dialect", "locked_to", "seen"),
    [(Dialect.BOTH, None, [0, 7]), (Dialect.D2026, 7, [7]), (Dialect.D2025, None, [0])],
)
def test_subaccounts_that_a_connection_may_not_see_are_not_told(
    dialect: Dialect, locked_to: int | None, seen: list[int]
) -> None:
    """Neither as positions nor as fills."""
    connection = Connected(Conversation(dialect=dialect, subaccount=locked_to))
    connection.say("subscribe", channels=["market_positions", "fill"])
    connection.read()

    connection.feed(bought_yes("t1"), bought_yes("t2", subaccount=7))

    frames = connection.read()
    assert [frame["msg"].get("subaccount", 0) for frame in frames if frame["type"] == "fill"] == seen
    assert [frame["msg"].get("subaccount", 0) for frame in frames if frame["type"] == "market_position"] == seen


def test_lifecycle_is_told_to_those_who_follow_it() -> None:
    """With the sid of that channel."""
    follower, other = connected("market_lifecycle_v2"), connected("market_positions")
    lifecycle = Lifecycle("RAIN", 1, b'{"event_type":"settled"}')

    follower.outbox.offer_lifecycle(lifecycle)
    other.outbox.offer_lifecycle(lifecycle)

    assert follower.read() == [{"type": "market_lifecycle_v2", "sid": 1, "msg": {"event_type": "settled"}}]
    assert other.outbox.is_empty


# ---------------------------------------------------------------- while it takes none


def test_blocked_changes_of_a_row_become_one_that_leaves_last() -> None:
    """The newest wins and takes its place at the end, so the order of sequences holds."""
    connection = connected("market_positions")
    connection.outbox.blocked = True

    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 2_00, ticker="SUN"), bought_yes("t3", 1_00))

    assert positions(connection.read()) == [("SUN", "2.00"), ("RAIN", "2.00")]


def test_subaccounts_are_not_merged_with_each_other() -> None:
    """They are rows of their own."""
    connection = connected("market_positions")
    connection.outbox.blocked = True

    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 2_00, subaccount=7))

    assert positions(connection.read()) == [("RAIN", "1.00"), ("RAIN", "2.00")]


def test_what_waited_before_the_socket_blocked_is_merged_too() -> None:
    """As soon as more comes in."""
    connection = connected("market_positions")
    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 1_00))
    connection.outbox.blocked = True

    connection.feed(bought_yes("t3", 1_00))

    assert positions(connection.read()) == [("RAIN", "3.00")]


def test_what_comes_after_unblocking_waits_behind_what_was_merged() -> None:
    """The order holds across the change."""
    connection = connected("market_positions")
    connection.outbox.blocked = True
    connection.feed(bought_yes("t1", 1_00), bought_yes("t2", 2_00, ticker="SUN"))
    connection.outbox.blocked = False

    connection.feed(bought_yes("t3", 1_00))

    assert positions(connection.read()) == [("SUN", "2.00"), ("RAIN", "2.00")]


def test_emptied_outbox_gives_every_change_its_frame_again() -> None:
    """Merging ends with the cause."""
    connection = connected("market_positions")
    connection.outbox.blocked = True
    connection.feed(bought_yes("t1", 1_00))
    connection.outbox.blocked = False
    connection.read()

    connection.feed(bought_yes("t2", 1_00), bought_yes("t3", 1_00))

    assert positions(connection.read()) == [("RAIN", "2.00"), ("RAIN", "3.00")]


def test_extended_frame_counts_the_changes_merged_into_it() -> None:
    """Of three changes it is one and stands for two; a frame that stands for itself counts none. No seq is missing."""
    connection = connected("market_positions", extended=True)
    connection.outbox.blocked = True

    connection.feed(bought_yes("t1"), bought_yes("t2"), bought_yes("t3", ticker="SUN"), bought_yes("t4"))

    sun, rain = connection.read()
    assert (sun["seq"], sun.get("conflated"), sun["msg"]["sequence"]) == (1, None, 3)
    assert (rain["seq"], rain.get("conflated"), rain["msg"]["sequence"]) == (2, 2, 4)


def test_fills_are_never_merged() -> None:
    """Each is a fact of its own."""
    connection = connected("fill")
    connection.outbox.blocked = True

    connection.feed(bought_yes("t1"), bought_yes("t2"), bought_yes("t3"))

    assert [frame["msg"]["trade_id"] for frame in connection.read()] == ["t1", "t2", "t3"]


def test_lifecycles_of_a_market_are_told_once_each() -> None:
    """Determined and settled are two things; saying one of them twice is not."""
    connection = connected("market_lifecycle_v2")
    connection.outbox.blocked = True

    for event_type in (b"determined", b"settled", b"determined"):
        connection.outbox.offer_lifecycle(Lifecycle("RAIN", 1, b'{"event_type":"%b"}' % event_type))

    assert [frame["msg"]["event_type"] for frame in connection.read()] == ["settled", "determined"]


# ---------------------------------------------------------------- the limit of fills


def test_10_000_fills_may_wait() -> None:
    """All of them are told."""
    connection = connected("fill")
    connection.outbox.blocked = True

    connection.feed(*(bought_yes(f"t{i}", 1) for i in range(10_000)))

    assert [frame["msg"]["trade_id"] for frame in connection.read()] == [f"t{i}" for i in range(10_000)]


def test_one_more_ends_the_subscription_to_fills_and_nothing_else() -> None:
    """Error 25 names the sid; positions are told as ever, and fills can be subscribed again."""
    connection = connected("market_positions", "fill")
    connection.outbox.blocked = True

    connection.feed(*(bought_yes(f"t{i}", 1) for i in range(10_001)))

    *before, error, last = connection.read()
    assert {frame["type"] for frame in before} == {"market_position"}
    assert error == {"type": "error", "sid": 2, "msg": {"code": 25, "msg": "Subscription buffer overflow"}}
    assert last["msg"]["position_fp"] == "100.01"
    connection.say("subscribe", channels=["fill"])
    connection.feed(bought_yes("again"))
    assert [(frame["type"], frame.get("sid")) for frame in connection.read()] == [
        ("subscribed", None),
        ("fill", 3),
        ("market_position", 1),
    ]


def test_fills_that_left_do_not_count() -> None:
    """The limit is of what waits."""
    connection = connected("fill")
    connection.outbox.blocked = True
    for start in (0, 6_000):
        connection.feed(*(bought_yes(f"t{i}", 1) for i in range(start, start + 6_000)))
        assert len(connection.read()) == 6_000


def test_large_commit_is_no_sign_of_a_slow_reader() -> None:
    """All of its fills are told, also when they are too many for the socket, and as many again may wait behind them."""
    connection = connected("fill")
    connection.feed(*(bought_yes(f"t{i}", 1) for i in range(10_001)))
    frames = connection.read(1)
    connection.outbox.blocked = True

    connection.feed(*(bought_yes(f"late {i}", 1) for i in range(10_000)))
    frames += connection.read()

    assert [frame["msg"]["trade_id"] for frame in frames] == [
        *(f"t{i}" for i in range(10_001)),
        *(f"late {i}" for i in range(10_000)),
    ]


def test_reader_that_is_slow_after_a_large_commit_ends_its_fills() -> None:
    """And those of the large commit go with the rest."""
    connection = connected("fill")
    connection.feed(*(bought_yes(f"t{i}", 1) for i in range(10_001)))
    connection.read(1)
    connection.outbox.blocked = True

    connection.feed(*(bought_yes(f"late {i}", 1) for i in range(10_001)))

    assert [frame["msg"]["code"] for frame in connection.read()] == [25]
