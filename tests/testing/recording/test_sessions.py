"""Recordings, read."""

from pathlib import Path

import pytest

from openpositions.errors import InvalidInput, Misconfigured
from openpositions.testing.recording import load_recording
from openpositions.testing.recording.lines import encode_line, frame_line
from openpositions.testing.recording.sessions import MOST_BYTES, RecordedFrame, read_sessions
from tests.testing.recording.recordings import SESSION, data, received, session, subscribed

FOREIGN = (
    b'{"kind":"ws_session_meta","source":"a.meta.json","data":{}}\n'
    b'{"kind":"ws_frame","source":"a.jsonl","frame":1,"data":{"type":"subscribed","msg":{"channel":"trade","sid":7}}}\n'
    b'{"kind":"ws_frame","source":"a.jsonl","frame":2,"data":{"type":"trade","sid":7,"msg":{}}}\n'
    b'{"kind":"ws_frame","source":"b.jsonl","frame":1,"data":{"type":"subscribed","msg":{"channel":"fill","sid":7}}}\n'
)


def test_data_frames_belong_to_the_channel_of_their_sid() -> None:
    """Of everything else it is only counted that it was there."""
    one = session(
        subscribed(100, "fill", 3),
        data(250, 3, "A-1", seq=1),
        received(300, {"id": 2, "type": "ok", "sid": 3, "seq": 2, "msg": {}}),
        received(350, {"type": "notice", "msg": {}}),
        encode_line(frame_line(360, "received", "[3]")),
        encode_line(frame_line(370, "received", "not JSON")),
        encode_line(frame_line(380, "sent", '{"sid":3}')),
        data(400, 4, "A-2"),
        data(500, 3, "A-3"),
    )

    assert one.subscribed_us == {"fill": 100}
    assert one.frames == [
        RecordedFrame("fill", 250, b'{"type":"x","sid":3,"seq":1,"msg":{"market_ticker":"A-1"}}'),
        RecordedFrame("fill", 500, b'{"type":"x","sid":3,"msg":{"market_ticker":"A-3"}}'),
    ]
    assert one.others == 5


def test_connections_of_others_are_told_apart_by_their_source() -> None:
    """They have no times."""
    first, second = read_sessions(iter(FOREIGN.splitlines(keepends=True)), "f")

    assert (first.source, first.subscribed_us, first.frames) == (
        "a",
        {"trade": 0},
        [RecordedFrame("trade", 0, b'{"type":"trade","sid":7,"msg":{}}')],
    )
    assert (second.source, second.subscribed_us, second.frames) == ("b", {"fill": 0}, [])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "r holds no session"),
        ([data(1, 1, "A")], "r, line 1: is a frame before any session"),
        ([SESSION, b"\n", b"{"], "r, line 3: is no line of a recording: Input data was truncated"),
        (
            [SESSION, received(1, {"type": "subscribed", "msg": {}})],
            "r, line 2: says subscribed without channel and sid",
        ),
    ],
)
def test_what_is_no_recording_is_named_by_line(lines: list[bytes], message: str) -> None:
    """With the file."""
    with pytest.raises(InvalidInput) as raised:
        read_sessions(iter(lines), "r")

    assert str(raised.value).startswith(message)


def test_file_is_bounded(tmp_path: Path) -> None:
    """Before it is read."""
    with (tmp_path / "long").open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    with pytest.raises(InvalidInput, match="a recording has at most 268435456"):
        load_recording(tmp_path / "long")
    with pytest.raises(Misconfigured, match="cannot be read: No such file"):
        load_recording(tmp_path / "nowhere")
