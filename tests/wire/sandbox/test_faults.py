"""Faults as they are asked for (reference, "Faults")."""

from __future__ import annotations

import msgspec
import pytest

from openpositions.errors import InvalidInput
from openpositions.wire.sandbox.faults import (
    ClockSkew,
    DropConnections,
    Pause,
    RejectHandshakes,
    Restart,
    UnknownChannel,
    parse_faults,
)


def test_body_is_one_fault_or_an_array() -> None:
    """In the order they are written; what may be left out or null has its default."""
    assert parse_faults(b'{"fault":"pause"}') == [Pause()]
    assert parse_faults(
        b'[{"fault":"drop_connections","user_id":null,"close_code":1001,"after_bytes":null},'
        b'{"fault":"drop_connections"},{"fault":"reject_handshakes","count":2},{"fault":"clock_skew","ms":-5},'
        b'{"fault":"unknown_channel","channel":null},{"fault":"restart"}]'
    ) == [
        DropConnections(close_code=1001),
        DropConnections(),
        RejectHandshakes(count=2, status=503),
        ClockSkew(ms=-5),
        UnknownChannel(channel=None),
        Restart(),
    ]


def test_empty_array_asks_for_nothing() -> None:
    """It is no mistake."""
    assert parse_faults(b"[]") == []


def test_fault_is_written_as_it_is_read() -> None:
    """So what is listed can be posted again."""
    fault = DropConnections(user_id="alice", after_bytes=10)

    assert parse_faults(msgspec.json.encode(fault)) == [fault]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not a JSON object: "),
        (b"[" * 50_000, "not a JSON object: "),
        (b"7", "fault must be an object, or an array of objects, not 7"),
        (b"[7]", "fault 1: fault must be an object, or an array of objects, not 7"),
        (b"{}", "fault is missing: it is one of drop_connections, reject_handshakes, delay_frames, "),
        (b'{"fault":"crash"}', 'fault must be one of drop_connections, .*, restart, not "crash"'),
        (b'{"fault":["pause"]}', "fault must be one of .*, not a list"),
        (b'{"fault":"pause","ms":5}', '"ms" is no field of pause: it takes nothing'),
        (
            b'[{"fault":"pause"},{"fault":"delay_frames","seconds":5}]',
            'fault 2: "seconds" is no field of delay_frames: it takes ms',
        ),
        (b'{"fault":"delay_frames","ms":1,"ms":2}', 'the key "ms" is given twice'),
        (b'{"fault":"delay_frames"}', "ms is missing"),
        (b'{"fault":"delay_frames","ms":-1}', "ms must be an integer from 0 to 60000, not -1"),
        (b'{"fault":"delay_frames","ms":1.5}', "ms must be an integer from 0 to 60000, not 1.5"),
        (b'{"fault":"delay_frames","ms":60001}', "ms must be an integer from 0 to 60000, not 60001"),
        (b'{"fault":"duplicate_frames","count":0}', "count must be an integer from 1 to 1000, not 0"),
        (b'{"fault":"reorder_frames","count":1001}', "count must be an integer from 1 to 1000, not 1001"),
        (b'{"fault":"reject_handshakes","count":"2"}', 'count must be an integer from 1 to 10000, not "2"'),
        (b'{"fault":"reject_handshakes","count":2,"status":200}', "status must be an integer from 400 to 599, not 200"),
        (
            b'{"fault":"drop_connections","close_code":1006}',
            "close_code must be 1000-1003, 1007-1014, 3000-4999, or null",
        ),
        (b'{"fault":"drop_connections","close_code":"1001"}', "close_code must be 1000-1003, .*, or null, not"),
        (
            b'{"fault":"drop_connections","after_bytes":-1}',
            "after_bytes must be an integer from 0 to 1073741824, or null",
        ),
        (b'{"fault":"drop_connections","close_code":1001,"after_bytes":1}', "after_bytes cuts within a frame"),
        (b'{"fault":"drop_connections","user_id":""}', "user_id must be text of 1-128 printable ASCII characters"),
        (b'{"fault":"clock_skew","ms":31622400001}', "ms must be an integer from -31622400000 to 31622400000"),
        (b'{"fault":"expire_key"}', "key_id is missing: give key_id or user_id, one of them"),
        (b'{"fault":"expire_key","key_id":"k","user_id":"u"}', "give key_id or user_id, one of them"),
        (b'{"fault":"dialect","wire":"2024"}', 'wire must be "2025", "2026" or "both", not "2024"'),
        (b'{"fault":"unknown_channel"}', "channel is missing"),
        (
            b'{"fault":"unknown_channel","channel":"orders"}',
            'channel must be market_positions, .*, or null, not "orders"',
        ),
    ],
)
def test_bad_body_is_named(body: bytes, message: str) -> None:
    """The field, its value and what is allowed."""
    with pytest.raises(InvalidInput, match=message):
        parse_faults(body)


def test_body_holds_at_most_100_faults() -> None:
    """One more is too many."""
    hundred = [{"fault": "pause"}] * 100

    assert len(parse_faults(msgspec.json.encode(hundred))) == 100
    with pytest.raises(InvalidInput, match="a body holds at most 100 faults, this one 101"):
        parse_faults(msgspec.json.encode([*hundred, {"fault": "pause"}]))
