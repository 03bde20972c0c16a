"""A frame that cannot be made ends its subscription with error 10, and nothing else (protocol, 2)."""

from typing import Any

import pytest

from openpositions.core.live_portfolio import LivePortfolio
from openpositions.core.position import Position
from openpositions.wire.socket import frames as position_frames
from openpositions.wire.socket import subscription as subscriptions
from openpositions.wire.socket.fill_frames import fill_message
from openpositions.wire.socket.frames import Dialect
from tests.connected import Connected, connected
from tests.conversation import Conversation
from tests.events import bought_yes, settled
from tests.journaled_book import book_after

BAD = "BAD"
"""The market of which no frame can be made."""


def channel_error(sid: int) -> dict[str, Any]:
    """The frame that says a subscription is dead."""
    return {"type": "error", "sid": sid, "msg": {"code": 10, "msg": "Channel error"}}


@pytest.fixture(autouse=True)
def _failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever encodes a row of the bad market raises."""
    forms = position_frames.POSITION_FORMS
    encode_position, encode_fill = forms[Dialect.BOTH], fill_message

    def of_position(row: Position) -> Any:  # noqa: ANN401 - as the original has it
        assert row.market_ticker != BAD
        return encode_position(row)

    def of_fill(fill: Any, after: Position, dialect: Dialect) -> bytes:  # noqa: ANN401 - as above
        assert after.market_ticker != BAD
        return encode_fill(fill, after, dialect)

    monkeypatch.setitem(forms, Dialect.BOTH, of_position)
    monkeypatch.setattr(subscriptions, "fill_message", of_fill)


def told(frames: list[Any]) -> list[tuple[str, object]]:
    """The type of each frame, and its sid or its market."""
    return [
        (frame["type"], frame.get("msg", {}).get("market_ticker") or frame.get("sid") or frame["msg"].get("sid"))
        for frame in frames
    ]


@pytest.mark.parametrize("blocked", [False, True])
def test_live_frame_that_fails_ends_its_subscription_only(*, blocked: bool) -> None:
    """Fills and lifecycles are told as ever, and positions can be subscribed again."""
    connection = connected("market_positions", "market_lifecycle_v2")
    connection.outbox.blocked = blocked

    connection.feed(bought_yes("t1"), bought_yes("t2", ticker=BAD), bought_yes("t3", ticker="SUN"), settled("yes"))

    assert told(connection.read())[-3:] == [
        ("error", 1),
        ("market_lifecycle_v2", "RAIN"),
        ("market_lifecycle_v2", "RAIN"),
    ]
    connection.say("list_subscriptions")
    assert connection.read()[0]["msg"] == [{"channel": "market_lifecycle_v2", "sid": 2}]
    connection.say("subscribe", channels=["market_positions"], market_ticker="SUN")
    connection.feed(bought_yes("t4", ticker="SUN"))
    assert told(connection.read()) == [("subscribed", 3), ("market_position", "SUN")]


def test_error_names_the_sid() -> None:
    """And answers no command, so it has no id."""
    connection = connected("fill", "market_positions", market_ticker=BAD)

    connection.feed(bought_yes("t1", ticker=BAD))

    assert connection.read() == [channel_error(1), channel_error(2)]


def test_snapshot_that_fails_has_no_marker() -> None:
    """What follows it is for the other channels."""
    connection = Connected(Conversation(book_after(bought_yes("t1", ticker="A"), bought_yes("t2", ticker=BAD))))
    connection.say("subscribe", channels=["market_positions", "fill"], send_initial_snapshot=True)
    connection.feed(bought_yes("t3", ticker="A"))

    assert told(connection.read()) == [
        ("subscribed", 1),
        ("market_position", "A"),
        ("error", 1),
        ("subscribed", 2),
        ("fill", "A"),
    ]


def test_nothing_of_a_failed_subscription_follows_its_end() -> None:
    """Neither what waited before a command, nor a snapshot that was asked for meanwhile, nor what was held."""
    connection = connected("market_positions", extended=True)
    connection.feed(bought_yes("t1", ticker=BAD), bought_yes("t2", ticker="SUN"))
    connection.say("subscribe", channels=["market_positions"], send_initial_snapshot=True, conflate_ms=10)
    connection.feed(bought_yes("t3", ticker="SUN"))

    first = connection.read()
    connection.outbox.release()

    assert told(first + connection.read()) == [("error", 1), ("subscribed", 1)]


def test_failed_fills_leave_room_for_others() -> None:
    """Those that waited behind the one that failed do not count any more."""
    connection = connected("fill")
    connection.feed(bought_yes("bad", ticker=BAD), *(bought_yes(f"t{number}", 1) for number in range(9_000)))
    connection.say("list_subscriptions")
    connection.read()
    connection.say("subscribe", channels=["fill"])
    connection.outbox.blocked = True

    connection.feed(*(bought_yes(f"again {number}", 1) for number in range(10_000)))

    assert len(connection.read()) == 1 + 10_000


def test_portfolio_that_fails_ends_its_subscription_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is made anew, from the rows, for whoever subscribes next."""
    connection = connected("market_positions", "portfolio", book=book_after(bought_yes("t1", 1_00)))
    connection.outbox.portfolio.resting = False
    with monkeypatch.context() as failing:
        failing.setattr(LivePortfolio, "_update", None)
        connection.feed(bought_yes("t2", 2_00))
        assert told(connection.read()) == [("market_position", "RAIN"), ("error", 2)]

    connection.say("subscribe", channels=["portfolio"])
    _, frame = connection.read()

    assert (frame["sid"], frame["msg"]["exposure_dollars"]) == (3, "1.2000")
