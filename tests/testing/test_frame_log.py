"""What was sent and received, as a test and its report show it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from openpositions.testing.frame_log import FrameLog, holds
from openpositions.wire.sandbox.frame_splitter import PING, TEXT, WireFrame, close_frame

if TYPE_CHECKING:
    from openpositions.server.sandbox.relay import Relay

ALICE = cast("Relay", SimpleNamespace(number=1, user_id="alice"))
NOBODY = cast("Relay", SimpleNamespace(number=3, user_id=""))
BOB = cast("Relay", SimpleNamespace(number=2, user_id="bob"))


def text(payload: bytes) -> WireFrame:
    """A message."""
    return WireFrame(TEXT, payload, payload)


def test_messages_are_found_by_what_they_hold() -> None:
    """In either direction; keys that are not named may have any value."""
    log = FrameLog()
    log.on_received(ALICE, text(b'{"id":1,"cmd":"subscribe"}'))
    log.on_sent(ALICE, text(b'{"type":"fill","msg":{"count":1,"side":"yes"}}'))
    log.on_sent(BOB, text(b'{"type":"fill","msg":{"count":2,"side":"yes"}}'))
    log.on_sent(BOB, text(b"no json"))

    assert log.received(cmd="subscribe") == [{"id": 1, "cmd": "subscribe"}]
    assert [message["msg"]["count"] for message in log.sent(msg={"side": "yes"})] == [1, 2]
    assert log.sent(type="fill", msg={"count": 3}) == []


def test_values_are_held_at_any_depth() -> None:
    """An object holds another that has fewer keys; anything else is to be equal."""
    assert holds({"a": {"b": 1, "c": 2}}, {"a": {"c": 2}})
    assert not holds({"a": 1}, {"a": {"c": 2}})
    assert not holds({"a": [1, 2]}, {"a": [1]})


def test_transcript_names_connection_user_and_direction() -> None:
    """A line a frame; what is no message says what it is."""
    log = FrameLog()
    log.on_received(ALICE, text(b'{"id":1}'))
    log.on_sent(ALICE, WireFrame(PING, b"heartbeat", b""))
    log.on_sent(BOB, close_frame(1012))
    log.on_ended(BOB)
    log.on_refused(NOBODY, 401, b'{"error":{}}')
    lines = [line.partition(" s  ")[2] for line in log.transcript().splitlines()]

    assert lines == [
        '#1 alice  received  {"id":1}',
        "#1 alice  sent      ping heartbeat",
        "#2 bob  sent      close 1012",
        "#2 bob            ended",
        '#3 -  sent      refused 401 {"error":{}}',
    ]
    assert log.sent() == []


def test_transcript_of_nothing_says_so() -> None:
    """It is no accident that the section is empty."""
    assert FrameLog().transcript() == "(no frame was sent or received)"


def test_transcript_is_bounded() -> None:
    """The last 60 frames, each cut to 400 characters, and how many came before."""
    log = FrameLog()
    for number in range(100):
        log.on_sent(ALICE, text(b"%d" % number * 1000))
    first, *lines = log.transcript().splitlines()

    assert first == "(40 earlier frames are not shown)"
    assert len(lines) == 60
    assert max(map(len, lines)) < 450


def test_memory_is_bounded() -> None:
    """The oldest frames are forgotten: past 10,000 of them, and past 16 MiB."""
    many, large = FrameLog(), FrameLog()
    for number in range(10_003):
        many.on_sent(ALICE, text(b"[%d]" % number))
    for _ in range(5):
        large.on_sent(ALICE, text(bytes(5 << 20)))

    assert (len(many), len(large)) == (10_000, 3)
    assert next(iter(many)).message == [3]
    assert many.transcript().startswith("(9943 earlier frames")


def test_clearing_forgets() -> None:
    """For a test that looks at what comes after a moment."""
    log = FrameLog()
    log.on_sent(ALICE, text(b"{}"))
    log.clear()

    assert list(log) == []
