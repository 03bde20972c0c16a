"""The frames that a sandbox sent and received, as a test reads them."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from openpositions.wire.sandbox.frame_splitter import BINARY, CLOSE, PING, PONG, TEXT, WireFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openpositions.server.sandbox.relay import Relay

Direction: TypeAlias = Literal["sent", "received", ""]
"""As the service sees it; neither for the end of a connection."""

# The newest are kept; of a test that fails, the report shows the last.
_MOST_FRAMES = 10_000
_MOST_BYTES = 16 * 1024 * 1024
_FRAMES_SHOWN = 60
_CHARACTERS_SHOWN = 400

_MESSAGES = frozenset({"text", "binary"})
_NAMES = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}


class LoggedFrame(NamedTuple):
    """One frame of one connection."""

    direction: Direction
    connection: int
    """Connections count from 1 in each test."""
    user_id: str
    seconds: float
    """After the start of the service."""
    kind: str
    """text, binary, close, ping or pong; `refused` for the answer to a failed handshake, `ended` for what it says."""
    payload: bytes

    @property
    def text(self) -> str:
        """The payload as text; of a close frame its code and reason."""
        if self.kind == "close" and len(self.payload) > 1:
            return f"{int.from_bytes(self.payload[:2])} {self.payload[2:].decode(errors='replace')}".strip()
        return self.payload.decode(errors="replace")

    @property
    def message(self) -> Any:  # noqa: ANN401 - JSON
        """The payload as JSON; None when it is none."""
        try:
            return json.loads(self.payload)
        except ValueError:
            return None

    def __str__(self) -> str:
        text = self.text if len(self.text) <= _CHARACTERS_SHOWN else f"{self.text[:_CHARACTERS_SHOWN]}…"
        kind = "" if self.kind in _MESSAGES else self.kind
        what = f"{kind} {text}".strip()
        return f"{self.seconds:8.3f} s  #{self.connection} {self.user_id or '-'}  {self.direction:8}  {what}"


class FrameLog:
    """Keeps the newest frames of all connections, in order. No request is among them, so no key and no signature."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._frames: deque[LoggedFrame] = deque()
        self._bytes = 0
        self._forgotten = 0

    def __iter__(self) -> Iterator[LoggedFrame]:
        with self._lock:
            return iter(list(self._frames))

    def __len__(self) -> int:
        return len(self._frames)

    def sent(self, **wanted: object) -> list[Any]:
        """The messages that the service sent, decoded: all, or those that hold the wanted values."""
        return self._messages("sent", wanted)

    def received(self, **wanted: object) -> list[Any]:
        """The messages that clients sent, decoded: all, or those that hold the wanted values."""
        return self._messages("received", wanted)

    def clear(self) -> None:
        """Forgets what was recorded so far."""
        with self._lock:
            self._frames.clear()
            self._bytes = self._forgotten = 0

    def transcript(self) -> str:
        """The last frames, a line each."""
        frames = list(self)
        shown = frames[-_FRAMES_SHOWN:]
        earlier = self._forgotten + len(frames) - len(shown)
        lines = [f"({earlier} earlier frames are not shown)"] if earlier else []
        return "\n".join([*lines, *map(str, shown)]) or "(no frame was sent or received)"

    def on_sent(self, relay: Relay, frame: WireFrame) -> None:
        """Called in the thread of the service when a frame left."""
        self._record("sent", relay, _name(frame), frame.payload)

    def on_received(self, relay: Relay, frame: WireFrame) -> None:
        """Called in the thread of the service when a frame came."""
        self._record("received", relay, _name(frame), frame.payload)

    def on_refused(self, relay: Relay, status: int, body: bytes) -> None:
        """Called in the thread of the service when a handshake failed."""
        self._record("sent", relay, "refused", b"%d %b" % (status, body))

    def on_ended(self, relay: Relay) -> None:
        """Called in the thread of the service when a socket's connection is gone."""
        self._record("", relay, "ended", b"")

    def _record(self, direction: Direction, relay: Relay, kind: str, payload: bytes) -> None:
        seconds = time.monotonic() - self._start
        with self._lock:
            self._frames.append(LoggedFrame(direction, relay.number, relay.user_id, seconds, kind, payload))
            self._bytes += len(payload)
            while len(self._frames) > _MOST_FRAMES or self._bytes > _MOST_BYTES:
                self._bytes -= len(self._frames.popleft().payload)
                self._forgotten += 1

    def _messages(self, direction: Direction, wanted: Mapping[str, object]) -> list[Any]:
        messages = (frame.message for frame in self if frame.direction == direction and frame.kind in _MESSAGES)
        return [message for message in messages if message is not None and holds(message, wanted)]


def _name(frame: WireFrame) -> str:
    return _NAMES.get(frame.opcode, f"opcode {frame.opcode}")


def holds(found: object, wanted: object) -> bool:
    """Whether what was found is what is wanted; of an object, whether the wanted keys have the wanted values."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and holds(found[name], value) for name, value in wanted.items()
        )
    return found == wanted
