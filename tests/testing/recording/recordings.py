"""Recordings of a few lines."""

import json
from typing import Any

from openpositions.testing.recording.lines import SessionLine, encode_line, frame_line
from openpositions.testing.recording.sessions import RecordedSession, read_sessions

SESSION = encode_line(SessionLine(1, "http://127.0.0.1:1/trade-api/ws/v2", 1_700_000_000_000))


def received(offset_us: int, message: dict[str, Any]) -> bytes:
    """The line of a message of the server, compact as it sends them."""
    return encode_line(frame_line(offset_us, "received", json.dumps(message, separators=(",", ":"))))


def subscribed(offset_us: int, channel: str, sid: int) -> bytes:
    """The line of a reply."""
    return received(offset_us, {"type": "subscribed", "id": 1, "msg": {"channel": channel, "sid": sid}})


def data(offset_us: int, sid: int, ticker: str, **more: object) -> bytes:
    """The line of a data frame."""
    return received(offset_us, {"type": "x", "sid": sid, **more, "msg": {"market_ticker": ticker}})


def session(*lines: bytes) -> RecordedSession:
    """The session that lines make."""
    (one,) = read_sessions(iter([SESSION, *lines]), "r.ndjson")
    return one
