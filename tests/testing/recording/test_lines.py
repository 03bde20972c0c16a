"""The lines of a recording."""

import json

import pytest

from openpositions.errors import InvalidInput
from openpositions.testing.recording.lines import (
    LONGEST_LINE_BYTES,
    LONGEST_MESSAGE_BYTES,
    ClosedLine,
    SessionLine,
    decode_line,
    encode_line,
    frame_line,
)


def test_frame_stands_in_its_line_byte_for_byte() -> None:
    """Whatever the form of its numbers and the order of its fields."""
    line = encode_line(frame_line(12, "received", '{"b":1.50, "a":[1e3],"b":"\\u00e9"}'))

    assert (
        line == b'{"kind":"frame","offset_us":12,"direction":"received","data":{"b":1.50, "a":[1e3],"b":"\\u00e9"}}\n'
    )
    assert bytes(decode_line(line).data) == b'{"b":1.50, "a":[1e3],"b":"\\u00e9"}'  # type: ignore[union-attr]


@pytest.mark.parametrize("message", ["not JSON", '{"a":\n1}', "", "[" * 100_000])
def test_other_message_stands_there_as_text(message: str) -> None:
    """So that a line stays a line."""
    line = encode_line(frame_line(1, "sent", message))

    assert json.loads(line) == {"kind": "frame", "offset_us": 1, "direction": "sent", "text": message} | (
        {"data": None} if b'"data"' in line else {}
    )
    assert line.count(b"\n") == 1


@pytest.mark.parametrize("line", [SessionLine(1, "http://h/p", 5), ClosedLine(9, 1012), ClosedLine(9, None)])
def test_other_lines_come_back(line: SessionLine | ClosedLine) -> None:
    """As they were written."""
    assert decode_line(encode_line(line)) == line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{}", "is no line of a recording: Object missing required field `kind`"),
        (b'{"kind":"row"}', "is no line of a recording: Invalid value 'row'"),
        (b'{"kind":"frame","offset_us":1,"direction":"up"}', "is no line of a recording: Invalid enum value 'up'"),
        (b'{"kind":"session","format":2,"url":"","started_ts_ms":1}', "has format 2; this version reads 1"),
        (b"\xff", "is no line of a recording: "),
        (b" " * (LONGEST_LINE_BYTES + 1), "is longer than 33554432 bytes"),
    ],
)
def test_what_is_no_line_is_refused(line: bytes, message: str) -> None:
    """With the reason."""
    with pytest.raises(InvalidInput) as raised:
        decode_line(line)

    assert str(raised.value).startswith(message)


def test_longest_message_of_the_worst_signs_fits_in_a_line() -> None:
    """So that what was recorded can be read."""
    line = encode_line(frame_line(1, "received", "\x01" * LONGEST_MESSAGE_BYTES))

    assert len(decode_line(line).text or "") == LONGEST_MESSAGE_BYTES  # type: ignore[union-attr]
