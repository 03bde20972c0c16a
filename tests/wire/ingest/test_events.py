"""Bodies of events: lines and arrays, what holds for every kind, and that nothing fed in does worse than be refused."""

import json
import random

import msgspec
import pytest

from openpositions.core.events import Adjustment, Bust, Cash, Declaration, Fill, Mark, Settlement
from openpositions.wire.ingest.events import parse_body
from tests.wire.event_lines import ARRIVAL_TS_MS, event_of, fill_line, line, refusal_of

PAGE = b"""\
{"type":"fill","msg":{"trade_id":"t1","user_id":"alice","market_ticker":"FED-23DEC-T3.00","outcome_side":"yes","yes_price_dollars":"0.5600","count_fp":"10.00","fee_cost":"0.1700","is_taker":true,"order_id":"o1","ts_ms":1701388800000}}
{"type":"settlement","msg":{"market_ticker":"FED-23DEC-T3.00","result":"yes","ts_ms":1703200000000}}
{"type":"ticker","msg":{"market_ticker":"FED-23DEC-T3.00","price_dollars":"0.6000","yes_bid_dollars":"0.5900","yes_ask_dollars":"0.6100","ts_ms":1701388805000}}
{"type":"adjustment","msg":{"adjustment_id":"a1","user_id":"alice","market_ticker":"FED-23DEC-T3.00","position_fp":"100.00","cost_dollars":"40.0000","realized_pnl_dollars":"0","fees_paid_dollars":"0","cash_dollars":"0","reason":"opening balance"}}
{"type":"bust","msg":{"bust_id":"b1","trade_id":"t1"}}
{"type":"cash","msg":{"cash_id":"c1","user_id":"alice","amount_dollars":"250.00"}}
{"type":"market","msg":{"market_ticker":"FED-23DEC-T3.00","event_ticker":"FED-23DEC","title":"Fed funds above 3.00 % after December?"}}
"""  # noqa: E501 - the lines of the interface page as they stand there
KINDS = "fill, settlement, ticker, adjustment, bust, cash, market, market_lifecycle_v2"
TICKER = "FED-23DEC-T3.00"


def test_lines_of_the_interface_page() -> None:
    """Each of the page's own lines is an event."""
    parsed = parse_body(PAGE, ARRIVAL_TS_MS)

    assert parsed.rejected == []
    assert parsed.lines == [1, 2, 3, 4, 5, 6, 7]
    assert parsed.events == [
        Fill("t1", "alice", 0, TICKER, True, 5600, 1000, 170_000, 1_701_388_800_000, True, "o1", ""),  # noqa: FBT003
        Settlement(TICKER, "yes", 10_000, 1_703_200_000_000),
        Mark(TICKER, 6000, 1_701_388_805_000),
        Adjustment("a1", "alice", 0, TICKER, 10_000, 40_000_000, 0, 0, 0, "opening balance", ARRIVAL_TS_MS),
        Bust("b1", "t1", None, None, ARRIVAL_TS_MS),
        Cash("c1", "alice", 0, 250_000_000, ARRIVAL_TS_MS),
        Declaration(TICKER, "FED-23DEC", "Fed funds above 3.00 % after December?", ARRIVAL_TS_MS),
    ]


def test_fields_that_are_not_ours_are_ignored() -> None:
    """A mirrored frame carries more than is needed."""
    frame = json.loads(fill_line(exchange_index=0, order_source="user", extra={"a": [1.5, None]}))

    assert event_of(json.dumps({"sid": 2, "seq": 7, **frame}).encode()) == event_of(fill_line())


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        (b"7", "invalid_json", "not a JSON object: Expected `object`, got `int`"),
        (b'{"type":"fill"', "invalid_json", "not a JSON object: Input data was truncated"),
        (fill_line() + fill_line(), "invalid_json", "not a JSON object: JSON is malformed: trailing characters"),
        (b'{"type":"fill","msg":{"count":NaN}}', "invalid_json", "not a JSON object: JSON is malformed"),
        (b'{"type":"fill","msg":{"count":1e999}}', "invalid_json", "not a JSON object: Number out of range"),
        (b'{"type":"fill","msg":{"trade_id":"\xff"}}', "invalid_json", "not a JSON object: it is not encoded in UTF-8"),
        (b'{"type":"fill","msg":{"trade_id":"\\ud800"}}', "invalid_json", "not a JSON object"),
        (b'{"type":"fill","msg":{"trade_id":"\x00"}}', "invalid_json", "not a JSON object"),
        (b'{"":' * 16_000, "invalid_json", "not a JSON object: it is nested too deeply"),
        (b"[" * 100_000, "invalid_json", "not a JSON object: it is nested too deeply"),
        (b'{"type":"fill","msg":{"x":' + b"[" * 60_000, "invalid_json", "not a JSON object: it is nested too deeply"),
        (b"{}", "missing_field", f"type is missing: it is one of {KINDS}"),
        (b'{"type":"trade","msg":{}}', "unknown_type", f'type must be one of {KINDS}, not "trade"'),
        (b'{"type":["fill"],"msg":{}}', "unknown_type", f"type must be one of {KINDS}, not a list"),
        (b'{"type":"fill"}', "missing_field", "msg is missing"),
        (b'{"type":"fill","msg":null}', "missing_field", "msg is missing"),
        (b'{"type":"fill","msg":[]}', "invalid_msg", "msg must be an object, not a list"),
    ],
)
def test_line_that_is_no_frame(document: bytes, code: str, message: str) -> None:
    """The error says how far the line was understood."""
    rejection = refusal_of(document)

    assert rejection.code == code
    assert rejection.message.startswith(message)


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (fill_line().replace(b'"0.5600"', b'"0.5600","yes_price_dollars":"0.5700"'), "yes_price_dollars"),
        (fill_line().replace(b'"0.5600"', b'0.56,"yes_price_dollars":"0.5700"'), "yes_price_dollars"),
        (fill_line()[:-1] + b',"type":"fill"}', "type"),
        (fill_line(note=["::", {"a": 1}]).replace(b'{"a": 1}', b'{"a" : 1, "\\u0061": 2}'), "a"),
    ],
)
def test_key_given_twice_is_refused(document: bytes, key: str) -> None:
    """Of two values under one name neither is the one meant, wherever in the line they stand."""
    rejection = refusal_of(document)

    assert (rejection.code, rejection.message) == ("duplicate_key", f'the key "{key}" is given twice')


@pytest.mark.parametrize("text", ["", "x" * 129, "a b", "a\tb", "a\x00b", "a\x7fb", "é", "a\n", 7, None, True])
@pytest.mark.parametrize("field", ["trade_id", "user_id", "market_ticker"])
def test_ids_are_printable_ascii_without_spaces(field: str, text: object) -> None:
    """1-128 characters; the error names the field."""
    rejection = refusal_of(fill_line(field, **{field: text}))

    assert rejection.code == ("missing_field" if text is None else f"invalid_{field}")
    assert rejection.message.startswith(field)


@pytest.mark.parametrize("text", ["~", "x" * 128, "KXHIGHNY-26JUL24-B87.5", '"\\:,'])
def test_ids_may_have_any_other_character(text: str) -> None:
    """Dots, quotes and colons included."""
    event = event_of(fill_line("trade_id", trade_id=text))

    assert isinstance(event, Fill)
    assert event.trade_id == text


@pytest.mark.parametrize(
    ("stated", "ts_ms"),
    [
        ({}, ARRIVAL_TS_MS),
        ({"ts_ms": 1_701_388_800_123}, 1_701_388_800_123),
        ({"ts": 1_701_388_800}, 1_701_388_800_000),
        ({"ts": "2023-12-01T00:00:00.08881Z"}, 1_701_388_800_088),
        ({"ts": "2023-12-01T01:00:00.999999+01:00"}, 1_701_388_800_999),
        ({"ts_ms": 5, "ts": 1_701_388_800}, 5),
        ({"ts_ms": 0}, 0),
    ],
)
def test_time_forms(stated: dict[str, object], ts_ms: int) -> None:
    """`ts_ms`, else `ts` in seconds or as RFC 3339 text, else the time of arrival."""
    assert event_of(line("cash", cash_id="c1", user_id="alice", amount_dollars="1", **stated)) == Cash(
        "c1", "alice", 0, 1_000_000, ts_ms
    )


@pytest.mark.parametrize(
    "stated",
    [
        {"ts_ms": -1}, {"ts_ms": 253_402_300_800_000}, {"ts_ms": 1.5}, {"ts_ms": "1701388800000"}, {"ts_ms": True},
        {"ts": -1}, {"ts": 1_701_388_800.5}, {"ts": "yesterday"}, {"ts": "2023-12-01"}, {"ts": "2023-12-01T00:00:00"},
        {"ts": "1960-01-01T00:00:00Z"}, {"ts": "9999-12-31T23:59:59-01:00"},
    ],
)  # fmt: skip
def test_time_that_is_none_is_refused(stated: dict[str, object]) -> None:
    """A time is a whole number of its unit, or a date with its offset, from 1970 to 9999."""
    rejection = refusal_of(line("cash", cash_id="c1", user_id="alice", amount_dollars="1", **stated))

    assert rejection.code == "invalid_ts"
    assert rejection.message.startswith(f"{next(iter(stated))} must be ")


@pytest.mark.parametrize("number", [-1, 2**31, 1.0, "1", True])
def test_subaccount_is_a_small_integer(number: object) -> None:
    """0 to 2^31 - 1."""
    assert refusal_of(fill_line(subaccount=number)).code == "invalid_subaccount"


def test_message_of_a_rejection_is_one_short_ascii_line() -> None:
    """A terminal can show it, whatever was fed in."""
    rejection = refusal_of(fill_line("outcome_side", outcome_side="\x1b[2J\n\u202e" * 1000))

    assert (
        rejection.message
        == 'outcome_side must be yes or no, not "\\u001b[2J\\n\\u202e\\u001b[2J\\n\\u202e\\u001b[2J\\...'
    )


def test_captured_frames_of_the_venue_are_read_or_refused_by_name() -> None:
    """A stream of mixed frames loses none: what is no event is named by its type."""
    frames = b'{"type":"subscribed","id":1,"msg":{"channel":"fill","sid":2}}\n' + fill_line()

    parsed = parse_body(frames, ARRIVAL_TS_MS)

    assert parsed.lines == [2]
    assert [rejection.code for rejection in parsed.rejected] == ["unknown_type"]


def _mutated(chance: random.Random, document: bytes) -> bytes:
    """The line with a few bytes changed, lost, doubled or taken from elsewhere in the page."""
    for _ in range(chance.randrange(1, 4)):
        at, length = chance.randrange(len(document) + 1), chance.randrange(1, 12)
        source = chance.randrange(len(PAGE))
        piece = chance.choice(
            [
                b"",
                bytes(chance.randrange(256) for _ in range(chance.randrange(1, 4))),
                PAGE[source : source + chance.randrange(40)],
                document[at : at + length] * 2,
                chance.choice([b"null", b"-1", b"1e400", b"0.5", b"9" * 40, b"[[", b'{"a":{}}', b"\\ud800", b"\n"]),
            ]
        )
        document = document[:at] + piece + document[at + length :]
    return document


@pytest.mark.parametrize("seed", range(40))
def test_every_line_is_accounted_for_once(seed: int) -> None:
    """Whatever is fed in: no exception, and each line that is not blank is an event or a rejection, never both."""
    chance = random.Random(seed)
    body = b"\n".join([fill_line(), *(_mutated(chance, chance.choice(PAGE.splitlines())) for _ in range(100))])

    parsed = parse_body(body, ARRIVAL_TS_MS)

    not_blank = [number for number, text in enumerate(body.split(b"\n"), 1) if text.strip()]
    assert sorted(parsed.lines + [rejection.line for rejection in parsed.rejected]) == not_blank
    assert len(parsed.events) == len(parsed.lines)
    assert all(rejection.code and rejection.message.isprintable() for rejection in parsed.rejected)
    msgspec.json.encode(parsed)


def test_line_that_opens_a_bracket_costs_only_itself() -> None:
    """In a long body of lines an array is one bad line, wherever it stands."""
    good = b'{"type":"cash","msg":{"cash_id":"c%d","user_id":"alice","amount_dollars":"1.00"}}'
    lines = [good % number for number in range(1000)]
    lines[256] = b'[{"type":"cash"}]'
    parsed = parse_body(b"\n".join(lines), 1)
    assert [rejection.line for rejection in parsed.rejected] == [257]
    assert len(parsed.events) == 999
