"""Recordings as sessions: of each channel the data frames, and when they came after the subscription."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.errors import InvalidInput, Misconfigured
from openpositions.testing.recording.lines import (
    ForeignFrame,
    ForeignSession,
    FrameLine,
    SessionLine,
    decode_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.testing.recording.lines import Line

MOST_FRAMES = 1_000_000
MOST_BYTES = 256 << 20
"""Of a file: a recording is played from memory."""

# What answers a command, and is answered anew when a recording is replayed.
_REPLIES = frozenset({"unsubscribed", "ok"})


class _Head(msgspec.Struct):
    type: str = ""
    sid: int | None = None
    msg: Any = None


class _Subscribed(msgspec.Struct):
    channel: str
    sid: int


class RecordedFrame(NamedTuple):
    """A data frame as it came."""

    channel: str
    offset_us: int
    """From the handshake; 0 where the recording has no times."""
    message: bytes


class RecordedSession(msgspec.Struct):
    """One connection."""

    source: str
    """Its URL, or where others say that it comes from."""
    subscribed_us: dict[str, int] = {}
    """When the server said that each channel is subscribed."""
    frames: list[RecordedFrame] = []
    """The data frames of those channels, in order."""
    others: int = 0
    """What cannot be told from a channel and is left out: replies, errors, frames of a sid that nobody subscribed."""
    sids: dict[int, str] = {}


def load_recording(path: str | Path) -> list[RecordedSession]:
    """The sessions of a recording. Raises Misconfigured when it cannot be read, and InvalidInput, naming the line."""
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            if size > MOST_BYTES:
                raise InvalidInput("recording", f"{path} has {size} bytes; a recording has at most {MOST_BYTES}")
            file.seek(0)
            return read_sessions(iter(file), str(path))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from None


def read_sessions(lines: Iterator[bytes], source: str) -> list[RecordedSession]:
    """The sessions that lines hold. Raises InvalidInput, naming the line."""
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                reader.take(decode_line(line))
        except InvalidInput as error:
            raise InvalidInput("recording", f"{source}, line {number}: {error}") from None
    if not reader.sessions:
        raise InvalidInput("recording", f"{source} holds no session")
    return reader.sessions


class _Reader:
    """The sessions so far."""

    def __init__(self) -> None:
        self.sessions: list[RecordedSession] = []
        self._foreign = ""
        self._frame_count = 0

    def take(self, line: Line) -> None:
        """Takes the next line. Raises InvalidInput."""
        match line:
            case SessionLine():
                self.sessions.append(RecordedSession(line.url))
            case ForeignSession():
                self._begin_foreign(line.source)
            case ForeignFrame():
                if not self.sessions or _stem(line.source) != self._foreign:
                    self._begin_foreign(line.source)
                self._receive(0, bytes(line.data))
            case FrameLine() if not self.sessions:
                raise InvalidInput("recording", "is a frame before any session")
            case FrameLine(direction="received"):
                self._receive(line.offset_us, bytes(line.data))
            case _:
                pass

    def _begin_foreign(self, source: str) -> None:
        self._foreign = _stem(source)
        self.sessions.append(RecordedSession(self._foreign))

    def _receive(self, offset_us: int, message: bytes) -> None:
        self._frame_count += 1
        if self._frame_count > MOST_FRAMES:
            raise InvalidInput("recording", f"is frame {self._frame_count}; a recording has at most {MOST_FRAMES}")
        session = self.sessions[-1]
        head = _head(message)
        if head.type == "subscribed":
            self._subscribed(session, offset_us, head)
        elif head.sid in session.sids and head.type not in _REPLIES:
            session.frames.append(RecordedFrame(session.sids[head.sid], offset_us, message))
        else:
            session.others += 1

    @staticmethod
    def _subscribed(session: RecordedSession, offset_us: int, head: _Head) -> None:
        try:
            channel, sid = msgspec.structs.astuple(msgspec.convert(head.msg, _Subscribed))
        except msgspec.ValidationError as error:
            raise InvalidInput("recording", f"says subscribed without channel and sid: {error}") from None
        session.sids[sid] = channel
        session.subscribed_us.setdefault(channel, offset_us)


def _head(message: bytes) -> _Head:
    """What tells where a frame belongs; nothing of a message that is no object."""
    try:
        return msgspec.json.decode(message, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Head()


def _stem(source: str) -> str:
    """The file of a session and that of its frames have names that differ in their ends only."""
    return source.removesuffix(".jsonl").removesuffix(".json").removesuffix(".meta")
