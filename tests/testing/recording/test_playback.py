"""One client of a replay, without a socket."""

import json
from typing import Any

import pytest

from openpositions.testing.recording.playback import Playback, Stream
from tests.testing.recording.recordings import data, received, session, subscribed

RECORDED = session(
    subscribed(1_000, "fill", 8),
    subscribed(1_100, "orderbook_delta", 9),
    data(2_000, 9, "A-1", seq=41),
    data(3_000, 8, "A-1"),
    data(4_000, 9, "A-2", seq=42),
    received(5_000, {"type": "x", "sid": 9, "seq": 43, "msg": {"price": 1}}),
    data(6_000, 8, "A-2"),
)


def command(cmd: str, **params: object) -> str:
    """A command with id 5."""
    return json.dumps({"id": 5, "cmd": cmd, "params": params})


def replies(playback: Playback, cmd: str, **params: object) -> list[Any]:
    """What answers a command."""
    return [json.loads(reply) for reply in playback.receive(command(cmd, **params))[0]]


def begin(playback: Playback, **params: object) -> Stream:
    """The stream that a subscribe begins."""
    _, stream = playback.receive(command("subscribe", **params))
    assert stream is not None
    return stream


def played(stream: Stream) -> list[tuple[int, bytes]]:
    """All that is sent of a stream, and when."""
    return [(due, frame) for due, recorded in stream.due_times() if (frame := stream.frame(recorded)) is not None]


def test_subscribe_is_answered_with_sids_of_this_connection() -> None:
    """And with the id of the command, channel by channel."""
    assert replies(Playback(RECORDED), "subscribe", channels=["orderbook_delta", "fill"]) == [
        {"type": "subscribed", "id": 5, "msg": {"channel": "orderbook_delta", "sid": 1}},
        {"type": "subscribed", "id": 5, "msg": {"channel": "fill", "sid": 2}},
    ]


def test_frames_follow_with_the_times_since_the_subscription() -> None:
    """Sid and seq are those of the connection; everything else is as it was recorded."""
    assert played(begin(Playback(RECORDED), channels=["orderbook_delta"])) == [
        (900, b'{"type":"x","sid":1,"seq":1,"msg":{"market_ticker":"A-1"}}'),
        (2_900, b'{"type":"x","sid":1,"seq":2,"msg":{"market_ticker":"A-2"}}'),
        (3_900, b'{"type":"x","sid":1,"seq":3,"msg":{"price":1}}'),
    ]


def test_channels_of_one_command_keep_their_common_order() -> None:
    """Their times count from the first of them."""
    stream = begin(Playback(RECORDED), channels=["orderbook_delta", "fill"])

    assert [(due, json.loads(frame)["sid"]) for due, frame in played(stream)] == [
        (1_000, 1),
        (2_000, 2),
        (3_000, 1),
        (4_000, 1),
        (5_000, 2),
    ]


def test_filter_holds_back_other_markets_and_seq_has_no_gap() -> None:
    """What names no market passes."""
    stream = begin(Playback(RECORDED), channels=["orderbook_delta"], market_ticker="A-2")

    assert [json.loads(frame) for _, frame in played(stream)] == [
        {"type": "x", "sid": 1, "seq": 1, "msg": {"market_ticker": "A-2"}},
        {"type": "x", "sid": 1, "seq": 2, "msg": {"price": 1}},
    ]


def test_message_of_another_form_passes_a_filter() -> None:
    """It names no market."""
    recorded = session(subscribed(0, "fill", 1), received(1, {"sid": 1, "msg": ["A-1"]}), received(2, {"sid": 1}))

    assert [frame for _, frame in played(begin(Playback(recorded), channels=["fill"], market_ticker="A-2"))] == [
        b'{"sid":1,"msg":["A-1"]}',
        b'{"sid":1}',
    ]


def test_filter_can_be_changed_while_frames_come() -> None:
    """As on the service."""
    playback = Playback(RECORDED)
    stream = begin(playback, channels=["fill"], market_tickers=["A-1"])
    first, second = stream.due_times()

    assert stream.frame(second[1]) is None
    assert replies(playback, "update_subscription", action="add_markets", sid=1, market_ticker="A-2") == [
        {"id": 5, "sid": 1, "seq": 1, "type": "ok", "msg": {"market_tickers": ["A-1", "A-2"]}}
    ]
    replies(playback, "update_subscription", action="delete_markets", sid=1, market_ticker="A-1")
    assert (stream.frame(first[1]) is None, stream.frame(second[1]) is None) == (True, False)


def test_unsubscribe_ends_a_channel_and_a_new_subscribe_begins_it_again() -> None:
    """With a sid that was never used."""
    playback = Playback(RECORDED)
    stream = begin(playback, channels=["fill", "orderbook_delta"])

    assert replies(playback, "unsubscribe", sids=[1]) == [{"id": 5, "sid": 1, "seq": 1, "type": "unsubscribed"}]
    assert {json.loads(frame)["sid"] for _, frame in played(stream)} == {2}
    assert not stream.is_over
    replies(playback, "unsubscribe", sids=[2])
    assert stream.is_over
    assert [json.loads(frame)["sid"] for _, frame in played(begin(playback, channels=["fill"]))] == [3, 3]


def test_repeated_subscribe_begins_nothing_again() -> None:
    """It has the sid that it has, and is listed once."""
    playback = Playback(RECORDED)
    begin(playback, channels=["fill"])

    sent, stream = playback.receive(command("subscribe", channels=["fill"]))

    assert (json.loads(sent[0])["msg"]["sid"], stream) == (1, None)
    assert replies(playback, "list_subscriptions") == [{"id": 5, "type": "ok", "msg": [{"channel": "fill", "sid": 1}]}]


@pytest.mark.parametrize(
    ("message", "code", "detail"),
    [
        ("{", 1, "the message is not JSON"),
        (command("subscribe", channels=["trade"]), 8, "'trade' is none of fill, orderbook_delta"),
        (command("subscribe", channels=[]), 3, None),
        (command("subscribe", channels="fill"), 1, "channels must be a list"),
        (command("subscribe", channels=["fill"], market_ticker=5), 1, "market_ticker must be a text"),
        (command("unsubscribe", sids=[9]), 7, "this connection has no sid 9"),
        (command("update_subscription", action="delete_markets", sid=9, market_ticker="A"), 7, None),
        (command("dance"), 5, None),
    ],
)
def test_mistakes_are_answered_as_by_the_service(message: str, code: int, detail: str | None) -> None:
    """But that its channels are those of the recording."""
    (reply,), stream = Playback(RECORDED).receive(message)

    error = json.loads(reply)["msg"]
    assert (error["code"], stream) == (code, None)
    assert detail is None or error["detail"] == detail


def test_unfiltered_subscription_cannot_be_narrowed() -> None:
    """As on the service."""
    playback = Playback(RECORDED)
    begin(playback, channels=["fill"])

    (reply,) = replies(playback, "update_subscription", action="delete_markets", sid=1, market_ticker="A-1")

    assert reply["msg"]["code"] == 13
