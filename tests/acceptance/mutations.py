"""Input that no honest peer sends, made by a seeded generator, so that what once did harm can be sent again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.acceptance.http import fill, settlement
from tests.acceptance.websocket import BINARY, CLOSE, PATH, PING, PONG, TEXT, encode_frame, upgrade

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

CONTINUATION = 0x0

# Each stands where JSON is expected; not all of them are JSON.
_VALUES = (
    *(b"null", b"true", b"{}", b"[]", b'""', b"-1", b"0.1", b"-0", b"1e400", b"-1e-400", b"NaN", b"Infinity", b"0x10"),
    *(b"%d" % (1 << bits) for bits in (31, 32, 53, 63, 64, 128)),
    *(b"9" * digits for digits in (400, 4_301, 20_000)),
    *(b'"' + b"9" * digits + b'"' for digits in (19, 400, 4_301, 20_000)),
    b"1" + b"0" * 5_000 + b".5e-5000",
    b"[" * 30_000,
    b"[" * 15_000 + b"]" * 15_000,
    b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    b'{"a":1,"a":2}',
    b'"' + b"A" * 20_000 + b'"',
    b'"0.50001"',
    b'"-1.00"',
    b'"1e5"',
    b'" 1.00"',
    '"\u0661.\u0660\u0660"'.encode(),  # digits of another script
    b'"a\x00b"',
    b'"a\\u0000b"',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',  # half a character, in UTF-8
    '"\u2028\u202e\ufeff"'.encode(),
    b'"0001-01-01T00:00:00+23:59"',
    b'"9999-12-31T23:59:60Z"',
)
_BYTES = b'\x00|\r|\n|\r\n\r\n| |\t|:|,|"|\\|%00|%ff|\xff|\xc0\x80'.split(b"|")
_HEADER_VALUES = (
    *b"|\x00|\xff\xfe|-1|0|1e3|a, b;q=0, ,|\xc3\xa9|://|[::1|AAAAAAAAAAAAAAAAAAAAAA|chunked|gzip, chunked".split(b"|"),
    *b"websocket|Upgrade|close|keep-alive, upgrade|100-continue|permessage-deflate;x=\x01".split(b"|"),
    *(b"9" * 400, b"A" * 7_000, b"A" * 20_000, b"=" * 88),
)
_PARAMETERS = (
    *b"|-1|0|1001|1.5|1e9|%00|%ff%fe|%ed%a0%80|%d9%a1|%|%zz|a=b|\xff|\xe2\x80\xa8".split(b"|"),
    *b"W10=|W251bGwsMV0=|bnVsbA==|eyJhIjoxfQ|====".split(b"|"),  # cursors may be base64 of JSON
    *(b"9" * 19, b"9" * 4_301, b"A" * 5_000),
)
_EVENTS = (
    fill("T", "mallory", "MUTATED", ts="2023-12-01T00:00:00Z", order_id="o", subaccount=1),
    settlement("MUTATED-S", "yes", settlement_value_dollars="1.0000"),
    {"type": "ticker", "msg": {"market_ticker": "MUTATED", "price_dollars": "0.5000", "yes_bid": 40, "ts": 1}},
    {"type": "market", "msg": {"market_ticker": "MUTATED", "event_ticker": "E", "title": "t"}},
    {"type": "market_lifecycle_v2", "msg": {"market_ticker": "MUTATED-L", "event_type": "determined", "result": "no"}},
    {"type": "bust", "msg": {"trade_id": "T", "user_id": "mallory", "bust_id": "B", "reason": "r"}},
    {"type": "cash", "msg": {"cash_id": "C", "user_id": "mallory", "amount_dollars": "1.0000", "reason": "r"}},
)
_COMMANDS: tuple[dict[str, Any], ...] = (
    {
        "id": 1,
        "cmd": "subscribe",
        "params": {
            "channels": ["market_positions"],
            "market_tickers": ["A"],
            "send_initial_snapshot": True,
            "resume": {"epoch": "e", "sequence": 1},
            "conflate_ms": 10,
        },
    },
    {"id": 2, "cmd": "subscribe", "params": {"channels": ["fill", "market_lifecycle_v2"], "market_ticker": "A"}},
    {"id": 3, "cmd": "subscribe", "params": {"channels": ["portfolio", "market_positions"], "conflate_ms": 10}},
    {"id": 3, "cmd": "update_subscription", "params": {"action": "add_markets", "sid": 1, "market_tickers": ["B"]}},
    {"id": 4, "cmd": "unsubscribe", "params": {"sids": [1, 2]}},
    {"id": 5, "cmd": "list_subscriptions"},
)
_ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp037")
_REQUESTS = (
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /trade-api/v2/portfolio/positions?limit=1&cursor=%s HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nabcd",
    b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nTrail: 1\r\n\r\n",
    b"DELETE /v1/keys/00000000-0000-0000-0000-000000000000 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
    b"GET "
    + PATH.encode()
    + b"?ticket=a&wire=2026 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
)


def garbage(rng: Random) -> bytes:
    """What may be another protocol, or none."""
    return rng.choice(
        (
            rng.randbytes(rng.choice((1, 7, 300, 9_000, 70_000))),
            rng.choice(_BYTES) * rng.choice((1, 100, 20_000)),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(200),  # TLS
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + rng.randbytes(9),
            encode_frame(rng.randbytes(40)),
        )
    )


def request(rng: Random) -> bytes:
    """An HTTP request with a few bytes changed, or a header that is not as it should be."""
    whole = rng.choice(_REQUESTS)
    return _spoilt(rng, whole) if rng.random() < 0.6 else _with_other_header(rng, whole)


def read(rng: Random, path: str, signed: Mapping[str, str]) -> bytes:
    """The request for a page of rows, signed, with parameters that it does not take."""
    names = (
        *("limit", "cursor", "count_filter", "ticker", "event_ticker", "subaccount", "min_ts", "max_ts", "order_id"),
        *("as_of", "sequence", "every", "since", "until"),
    )
    parameters = [
        rng.choice(names).encode() + b"=" + rng.choice((*_PARAMETERS, _spoilt(rng, b"100"))) for _ in range(3)
    ]
    head = b"GET %s?%s HTTP/1.1\r\nHost: x\r\n" % (path.encode(), b"&".join(parameters))
    return head + b"".join(f"{name}: {value}\r\n".encode() for name, value in signed.items()) + b"\r\n"


def handshake(rng: Random, signed: Mapping[str, str]) -> bytes:
    """The request for a socket, signed, with one to three of its headers spoilt."""
    query = rng.choice(("", "", "?wire=%00", "?wire=" + "9" * 3_000, "?ticket=%ff%fe", "?ticket=&ticket=a", "?%"))
    whole = upgrade("x", signed, query=query)
    for _ in range(rng.randint(1, 3)):
        whole = _with_other_header(rng, whole)
    return whole if rng.random() < 0.8 else _spoilt(rng, whole)


def body(rng: Random) -> bytes:
    """Events of which some are none."""
    lines = [_document(rng, _EVENTS) for _ in range(rng.choice((1, 1, 2, 5, 40)))]
    if rng.random() < 0.2:
        return b"[" + b",".join(lines) + rng.choice((b"]", b"", b",]", b"]]"))
    return rng.choice((b"\n", b"\n", b"\r\n", b"\r", b"\x00", b"\n\n")).join(lines)


def command(rng: Random) -> bytes:
    """A command that should be another one. Short enough for a frame."""
    return _document(rng, _COMMANDS)[:60_000]


def frames(rng: Random) -> bytes:
    """One to three frames, at least one of them against RFC 6455, or cut off."""
    data = rng.randbytes(rng.choice((0, 1, 60, 125)))
    kinds = (
        encode_frame(data, TEXT, first_bits=0x80 | rng.choice((0x10, 0x20, 0x40, 0x70))),
        encode_frame(data, rng.choice((3, 4, 5, 6, 7, 11, 12, 13, 14, 15))),
        encode_frame(data, rng.choice((TEXT, BINARY, PING, CLOSE)), mask_bit=0),
        encode_frame(data, rng.choice((PING, PONG, CLOSE)), first_bits=0),
        encode_frame(rng.randbytes(126), rng.choice((PING, PONG, CLOSE))),
        encode_frame(rng.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b'{"id":\xf5}', b"\xf4\x90\x80\x80"))),
        encode_frame(data, CONTINUATION),
        encode_frame(data, TEXT, first_bits=0) + encode_frame(data, TEXT),
        encode_frame(b"\xe2", TEXT, first_bits=0) + encode_frame(b"\x28", CONTINUATION),
        encode_frame(rng.choice((b"\x03", b"\x00\x00", b"\x03\xed", b"\x03\xe8\xff", b"\xff\xff")), CLOSE),
        encode_frame(bytes(70_000), rng.choice((TEXT, BINARY))),
        b"\x81\xff" + rng.choice(((1 << 63) + 9, (1 << 64) - 1, 1 << 40, 1 << 17)).to_bytes(8) + data,
        b"\x81\xfe\x00\x05" + bytes(9),  # a length in a longer form than it needs
        rng.randbytes(rng.choice((1, 2, 30))),
    )
    first = [encode_frame(b'{"id":1,"cmd":"list_subscriptions"}')] * rng.randint(0, 1)
    whole = b"".join([*first, *rng.sample(kinds, rng.randint(1, 2))])
    return whole if rng.random() < 0.8 else whole[: rng.randint(1, len(whole))]


def _document(rng: Random, templates: Sequence[Mapping[str, Any]]) -> bytes:
    """One JSON object with a value that does not belong there, or bytes changed, or in another encoding."""
    fields = json.loads(json.dumps(rng.choice(templates)))
    way = rng.random()
    if way < 0.7:
        return _with_other_value(rng, fields)
    text = json.dumps(fields)
    return text.encode(rng.choice(_ENCODINGS)) if way < 0.8 else _spoilt(rng, text.encode())


def _with_other_value(rng: Random, fields: dict[str, Any]) -> bytes:
    inside = fields
    while (deeper := [one for one in inside.values() if isinstance(one, dict)]) and rng.random() < 0.85:
        inside = rng.choice(deeper)
    name = rng.choice([*inside, "unknown"])
    inside[name] = ["@"] if isinstance(inside.get(name), list) and rng.random() < 0.7 else "@"
    return json.dumps(fields).encode().replace(b'"@"', rng.choice(_VALUES))


def _with_other_header(rng: Random, whole: bytes) -> bytes:
    """A request of which a header is left out, doubled, or has another value."""
    start, end = whole.find(b"\r\n") + 2, whole.find(b"\r\n\r\n")
    lines = whole[start:end].split(b"\r\n")
    number = rng.randrange(len(lines))
    name, _, value = lines[number].partition(b": ")
    other = rng.choice((*_HEADER_VALUES, _spoilt(rng, value)))
    lines[number : number + 1] = rng.choice(
        (
            [],
            [lines[number]] * 2,
            [name + b": " + other],
            [name + b": " + other],
            [lines[number], name + b": " + other],
            [name + rng.choice(_BYTES) + b": " + value],
        )
    )
    return whole[:start] + b"\r\n".join(lines) + whole[end:]


def _spoilt(rng: Random, whole: bytes) -> bytes:
    """The same with a few bytes changed, put in, taken out or repeated."""
    spoilt = bytearray(whole)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(spoilt) + 1)
        end = min(len(spoilt), start + rng.choice((0, 1, 1, 5, 40)))
        spoilt[start:end] = rng.choice((b"", rng.randbytes(1), rng.choice(_BYTES), bytes(spoilt[start:end]) * 3))
    return bytes(spoilt)
