"""The lines of a recording: NDJSON, a session line first and then what was sent and received, in order (pure).

A frame stands in its line as the JSON that it was, byte for byte; a message that is no JSON of one line stands there as
a text. Also read are the lines that other recorders write: `ws_session_meta`, and `ws_frame` with the message of the
server and no time.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from openpositions.errors import InvalidInput

FORMAT = 1
LONGEST_MESSAGE_BYTES = 4 << 20
LONGEST_LINE_BYTES = 32 << 20
"""Escaping can make a message six times as long in its line, and the line has other fields."""


class SessionLine(msgspec.Struct, frozen=True, tag_field="kind", tag="session"):
    """A connection begins."""

    format: int
    url: str
    started_ts_ms: int
    """Unix milliseconds of the handshake, which all offsets count from."""


class FrameLine(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="frame"):
    """A message went one way or the other."""

    offset_us: int
    """Microseconds since the handshake, by a clock that never goes back."""
    direction: Literal["sent", "received"]
    """As the client sees it."""
    data: msgspec.Raw = msgspec.Raw()
    text: str | None = None
    """A message that is no JSON of one line."""


class ClosedLine(msgspec.Struct, frozen=True, tag_field="kind", tag="closed"):
    """The connection ended."""

    offset_us: int
    code: int | None
    """The close code; None where it was cut."""


class ForeignSession(msgspec.Struct, frozen=True, tag_field="kind", tag="ws_session_meta"):
    """A connection, as others record its beginning."""

    source: str = ""


class ForeignFrame(msgspec.Struct, frozen=True, tag_field="kind", tag="ws_frame"):
    """A message of the server, as others record it."""

    data: msgspec.Raw
    source: str = ""


Line: TypeAlias = SessionLine | FrameLine | ClosedLine | ForeignSession | ForeignFrame

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def encode_line(line: Line) -> bytes:
    """A line with its line feed."""
    return _encode(line) + b"\n"


def decode_line(line: bytes) -> Line:
    """What a line says. Raises InvalidInput, whose message is to be completed with the number of the line."""
    if len(line) > LONGEST_LINE_BYTES:
        raise InvalidInput("recording", f"is longer than {LONGEST_LINE_BYTES} bytes")
    try:
        decoded: Line = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("recording", f"is no line of a recording: {error}") from None
    if isinstance(decoded, SessionLine) and decoded.format != FORMAT:
        raise InvalidInput("recording", f"has format {decoded.format}; this version reads {FORMAT}")
    return decoded


def frame_line(offset_us: int, direction: Literal["sent", "received"], message: str) -> FrameLine:
    """The line of a message."""
    encoded = message.encode("utf-8", "replace")
    try:
        msgspec.json.decode(encoded)
    except (msgspec.DecodeError, RecursionError):
        return FrameLine(offset_us, direction, text=message)
    if b"\n" in encoded or b"\r" in encoded:
        return FrameLine(offset_us, direction, text=message)
    return FrameLine(offset_us, direction, data=msgspec.Raw(encoded))
