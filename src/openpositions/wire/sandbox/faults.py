"""The faults that a sandbox can be told to make, as objects of JSON (docs/testing.md, "Reference: faults")."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from openpositions.errors import InvalidInput
from openpositions.wire.ingest.decoding import convert_message, not_json, refuse_repeated_keys
from openpositions.wire.ingest.field_types import Id
from openpositions.wire.ingest.fields import invalid, missing, must_be, shown
from openpositions.wire.socket.commands import CHANNELS

MOST_FAULTS = 100
"""In one body."""
MOST_MS = 60_000
MOST_FRAMES = 1_000
MOST_HANDSHAKES = 10_000
MOST_BYTES = 1 << 30
MOST_SKEW_MS = 366 * 86_400_000

# Codes that RFC 6455 (7.4) lets an endpoint send; 1005, 1006 and 1015 are never on the wire.
_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})

_Count = Annotated[int, Meta(ge=1, le=MOST_FRAMES, description=f"an integer from 1 to {MOST_FRAMES}")]
_Handshakes = Annotated[int, Meta(ge=1, le=MOST_HANDSHAKES, description=f"an integer from 1 to {MOST_HANDSHAKES}")]
_Bytes = Annotated[int, Meta(ge=0, le=MOST_BYTES, description=f"an integer from 0 to {MOST_BYTES}, or null")]
_CloseCode = Annotated[int, Meta(description="1000-1003, 1007-1014, 3000-4999, or null")]
_Delay = Annotated[int, Meta(ge=0, le=MOST_MS, description=f"an integer from 0 to {MOST_MS}")]
_Skew = Annotated[
    int, Meta(ge=-MOST_SKEW_MS, le=MOST_SKEW_MS, description=f"an integer from -{MOST_SKEW_MS} to {MOST_SKEW_MS}")
]
_Status = Annotated[int, Meta(ge=400, le=599, description="an integer from 400 to 599")]
_Wire = Annotated[Literal["2025", "2026", "both"], Meta(description='"2025", "2026" or "both"')]
_Channel = Annotated[str, Meta(description=f"{', '.join(CHANNELS)}, or null")]


class _Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="fault"):
    pass


class DropConnections(_Fault, frozen=True, kw_only=True, tag="drop_connections"):
    """Ends the open connections of a user, or all: with a close frame, or by cutting them, at once or in the middle."""

    user_id: Id | None = None
    close_code: _CloseCode | None = None
    """None cuts the TCP connection."""
    after_bytes: _Bytes | None = None
    """How much of what is written from now on still leaves before the cut."""

    def __post_init__(self) -> None:
        if self.close_code is not None and self.close_code not in _CLOSE_CODES:
            raise must_be("close_code", "1000-1003, 1007-1014, 3000-4999, or null", self.close_code)
        if self.close_code is not None and self.after_bytes is not None:
            raise invalid("after_bytes", "after_bytes cuts within a frame, where no close_code fits")


class RejectHandshakes(_Fault, frozen=True, kw_only=True, tag="reject_handshakes"):
    """Answers the next handshakes with a status instead of a socket."""

    count: _Handshakes
    status: _Status = 503


class DelayFrames(_Fault, frozen=True, kw_only=True, tag="delay_frames"):
    """Every frame leaves so much later; 0 ends it."""

    ms: _Delay


class DuplicateFrames(_Fault, frozen=True, kw_only=True, tag="duplicate_frames"):
    """The next messages are sent twice."""

    count: _Count


class ReorderFrames(_Fault, frozen=True, kw_only=True, tag="reorder_frames"):
    """The next messages are held until all of them are there, and leave in reverse order."""

    count: _Count


class Pause(_Fault, frozen=True, kw_only=True, tag="pause"):
    """Nothing is written to a socket until `resume`."""


class Resume(_Fault, frozen=True, kw_only=True, tag="resume"):
    """Ends a pause."""


class ClockSkew(_Fault, frozen=True, kw_only=True, tag="clock_skew"):
    """The clock that timestamps of requests are held against is ahead by so much; 0 ends it."""

    ms: _Skew


class ExpireKey(_Fault, frozen=True, kw_only=True, tag="expire_key"):
    """A key, or every key of a user, is answered as expired."""

    key_id: Id | None = None
    user_id: Id | None = None

    def __post_init__(self) -> None:
        if (self.key_id is None) == (self.user_id is None):
            raise missing("key_id", ": give key_id or user_id, one of them")


class SpeakDialect(_Fault, frozen=True, kw_only=True, tag="dialect"):
    """The dialect of connections opened from now on that name none."""

    wire: _Wire


class UnknownChannel(_Fault, frozen=True, kw_only=True, tag="unknown_channel"):
    """Subscribing to a channel is answered with error 8; None ends it."""

    channel: _Channel | None

    def __post_init__(self) -> None:
        if self.channel is not None and self.channel not in CHANNELS:
            raise must_be("channel", f"{', '.join(CHANNELS)}, or null", self.channel)


class Restart(_Fault, frozen=True, kw_only=True, tag="restart"):
    """A planned stop, and a start on the same data and port."""


Fault: TypeAlias = (
    DropConnections
    | RejectHandshakes
    | DelayFrames
    | DuplicateFrames
    | ReorderFrames
    | Pause
    | Resume
    | ClockSkew
    | ExpireKey
    | SpeakDialect
    | UnknownChannel
    | Restart
)

_TYPES: dict[str, type[Fault]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Fault)}


def parse_faults(body: bytes) -> list[Fault]:
    """The faults of a body, one object or an array of them. Raises InvalidInput; then none of them is to be made."""
    try:
        stated = msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None
    refuse_repeated_keys(body)
    if not isinstance(stated, list):
        return [read_fault(stated)]
    if len(stated) > MOST_FAULTS:
        raise InvalidInput("body", f"a body holds at most {MOST_FAULTS} faults, this one {len(stated)}")
    return [_read_numbered(number, one) for number, one in enumerate(stated, 1)]


def read_fault(stated: object) -> Fault:
    """One fault, from the fields that state it. Raises InvalidInput that names the field and what is allowed."""
    if not isinstance(stated, dict):
        raise must_be("fault", "an object, or an array of objects", stated)
    kind = stated.get("fault")
    if kind is None:
        raise missing("fault", f": it is one of {', '.join(_TYPES)}")
    fault_type = _TYPES.get(kind) if isinstance(kind, str) else None
    if fault_type is None:
        raise InvalidInput(
            "fault", f"fault must be one of {', '.join(_TYPES)}, not {shown(kind)}", code="unknown_fault"
        )
    allowed = fault_type.__struct_fields__
    for name in stated:
        if name != "fault" and name not in allowed:
            takes = f"it takes {', '.join(allowed)}" if allowed else "it takes nothing"
            raise InvalidInput(name, f"{shown(name)} is no field of {kind}: {takes}", code="unknown_field")
    return convert_message(stated, fault_type)


def _read_numbered(number: int, stated: object) -> Fault:
    try:
        return read_fault(stated)
    except InvalidInput as error:
        raise InvalidInput(error.field, f"fault {number}: {error}", code=error.code) from None
