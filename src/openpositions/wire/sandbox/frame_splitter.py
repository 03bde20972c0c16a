"""WebSocket frames found in a stream of bytes (RFC 6455, 5.2): for whoever looks on while others read and write."""

from __future__ import annotations

from typing import NamedTuple

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class WireFrame(NamedTuple):
    """One frame as it is on the wire."""

    opcode: int
    payload: bytes
    """Unmasked."""
    encoded: bytes
    """Header and payload, as they stood in the stream."""


class FrameSplitter:
    """Takes bytes as they come, cut anywhere, and gives the frames that have become whole.

    A frame with a payload beyond `longest_bytes` is the last that is looked at: nothing more is kept or given.
    """

    def __init__(self, longest_bytes: int = 1 << 26) -> None:
        self._longest_bytes = longest_bytes
        self._rest = b""
        self._gave_up = False

    def feed(self, piece: bytes) -> list[WireFrame]:
        """The frames that this piece of the stream completes."""
        if self._gave_up:
            return []
        stream = self._rest + piece if self._rest else bytes(piece)
        frames: list[WireFrame] = []
        at = 0
        while (head := _head(stream, at)) is not None:
            mask_at, length = head
            if length > self._longest_bytes:
                self._gave_up = True
                self._rest = b""
                return frames
            masked = stream[at + 1] & 0x80
            start = mask_at + 4 if masked else mask_at
            end = start + length
            if len(stream) < end:
                break
            payload = stream[start:end]
            if masked:
                payload = _unmask(payload, stream[mask_at:start])
            frames.append(WireFrame(stream[at] & 0x0F, payload, stream[at:end]))
            at = end
        self._rest = stream[at:]
        return frames


def close_frame(code: int) -> WireFrame:
    """What a server ends a connection with."""
    payload = code.to_bytes(2)
    return WireFrame(CLOSE, payload, bytes((0x80 | CLOSE, len(payload))) + payload)


def _head(stream: bytes, at: int) -> tuple[int, int] | None:
    """Where mask or payload of the frame at a place start, and the length of the payload; None before it is known."""
    if len(stream) < at + 2:
        return None
    short = stream[at + 1] & 0x7F
    extra = {126: 2, 127: 8}.get(short, 0)
    start = at + 2 + extra
    if len(stream) < start:
        return None
    return start, int.from_bytes(stream[at + 2 : start]) if extra else short


def _unmask(payload: bytes, mask: bytes) -> bytes:
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
