"""Lines and arrays: where a document stands, and that a bad one costs itself only."""

import json

import pytest

from openpositions.errors import InvalidInput
from openpositions.wire.ingest.bodies import Rejection, split_body
from openpositions.wire.ingest.events import parse_body, parse_pieces
from tests.wire.event_lines import ARRIVAL_TS_MS, fill_line, refusal_of


def test_array_is_read_like_lines() -> None:
    """The same events in a JSON array, laid out in any way, are the same events; their lines are element numbers."""
    documents = [fill_line(), b"{}", fill_line(subaccount=1)]
    array = json.dumps([json.loads(document) for document in documents], indent=2).encode()

    assert parse_body(b" \r\n\t" + array, ARRIVAL_TS_MS) == parse_body(b"\n".join(documents), ARRIVAL_TS_MS)


def test_mark_of_the_byte_order_is_passed_over() -> None:
    """Some editors and shells begin a file of UTF-8 with it."""
    lines = b"\xef\xbb\xbf" + fill_line() + b"\n"

    assert parse_body(lines, ARRIVAL_TS_MS) == parse_body(fill_line(), ARRIVAL_TS_MS)
    assert parse_body(b"\xef\xbb\xbf[" + fill_line() + b"]", ARRIVAL_TS_MS) == parse_body(fill_line(), ARRIVAL_TS_MS)


def test_good_lines_are_taken_although_others_are_bad() -> None:
    """A bad line costs itself only, and is named by its number."""
    parsed = parse_body(b"\n".join([fill_line(), b"{oops}", fill_line(), fill_line("trade_id")]), ARRIVAL_TS_MS)

    assert parsed.lines == [1, 3]
    assert len(parsed.events) == 2
    assert [(rejection.line, rejection.code) for rejection in parsed.rejected] == [
        (2, "invalid_json"),
        (4, "missing_field"),
    ]


def test_bad_elements_of_an_array_cost_themselves_only() -> None:
    """An element that is no event is named by its number."""
    parsed = parse_body(b"[" + b",".join([b"7", fill_line(), b"{}"]) + b"]", ARRIVAL_TS_MS)

    assert parsed.lines == [2]
    assert [(rejection.line, rejection.code) for rejection in parsed.rejected] == [
        (1, "invalid_json"),
        (3, "missing_field"),
    ]


AWKWARD = [
    b"7",
    fill_line(),
    b"{}",
    b'"a,[\\"]{\\\\"',
    b'[[1,{"a":[2,","]}],[]]',
    b'{"type":"market","msg":{"market_ticker":"A","event_ticker":"B","title":"\\u005b, [\\\\"}}',
    fill_line("trade_id", trade_id="t]2"),
    b"null",
]


@pytest.mark.parametrize("most_commas", [0, 1_000_000])
@pytest.mark.parametrize("layout", [b",", b" ,\n ", b"\r\n,\t"])
def test_array_of_many_elements_is_split_where_one_of_few_is(layout: bytes, most_commas: int) -> None:
    """In another way, which takes less memory, at the same places; blank ones amid a long element are none."""
    elements = [*AWKWARD, b'[%b"x"]' % (b"[1,2]," * 1000)]
    body = b" [ " + layout.join(elements) + b" ] \n"

    split = [(number, one.strip()) for number, one in split_body(body, most_commas=most_commas) if one.strip()]
    assert split == list(enumerate(elements, 1))


def test_awkward_elements_cost_themselves_only() -> None:
    """What is no event is named by its number."""
    parsed = parse_body(b"[" + b",".join(AWKWARD) + b"]", ARRIVAL_TS_MS)

    assert parsed.lines == [2, 6, 7]
    assert [one.line for one in parsed.rejected] == [1, 3, 4, 5, 8]


@pytest.mark.parametrize("body", [b"[1,2,3", b"[" * 200_000 + b","], ids=["unended", "nested too deeply"])
def test_array_of_many_elements_that_is_none_gives_nothing(body: bytes) -> None:
    """As one of few."""
    with pytest.raises(InvalidInput, match=r"^not a JSON object: ") as refused:
        split_body(body, most_commas=0)

    assert refused.value.code == "invalid_json"
    assert refusal_of(body).code == "invalid_json"


def test_array_that_is_none_gives_nothing() -> None:
    """Nobody can tell where the elements of a broken array end."""
    rejection = refusal_of(b"[" + fill_line() + b"," + fill_line())

    assert (rejection.line, rejection.code) == (1, "invalid_json")


@pytest.mark.parametrize("body", [b"", b"\n", b" \n\r\n\t\n", b"[]", b" [ ] \n"])
def test_nothing_says_nothing(body: bytes) -> None:
    """A body without events is no error."""
    assert parse_body(body, ARRIVAL_TS_MS) == ([], [], [])


@pytest.mark.parametrize(("opening", "between"), [(b"", b"\n"), (b"[", b",")])
def test_event_of_64_kib_is_taken_and_a_longer_one_is_not(opening: bytes, between: bytes) -> None:
    """With the end of its line; it costs itself only."""
    short = fill_line(note="")
    ending = len(between.strip(b","))
    longest = fill_line(note="x" * (65_536 - ending - len(short)))
    longer = fill_line(note="x" * (65_537 - ending - len(short)))

    parsed = parse_body(opening + between.join([longest, longer, short]) + b"]" * len(opening), ARRIVAL_TS_MS)

    assert parsed.lines == [1, 3]
    assert parsed.rejected == [Rejection(2, "too_long", "an event has at most 65536 bytes, and this one has 65537")]


def test_long_blank_line_says_nothing() -> None:
    """As a short one."""
    assert parse_body(b" " * 100_000 + b"\n" + fill_line(), ARRIVAL_TS_MS).lines == [2]


def test_long_lines_come_in_small_pieces() -> None:
    """So that other work gets its turn between two of them, however slow a line is to read."""
    pieces = parse_pieces(b"\n".join([fill_line(note="x" * 60_000)] * 100), ARRIVAL_TS_MS)

    assert [len(piece.events) for piece in pieces] == [3] * 33 + [1]


def test_blank_lines_count_as_lines() -> None:
    """A line number is the one that an editor shows."""
    parsed = parse_body(b"\n\r\n" + fill_line() + b"\r\n   \n{}\n", ARRIVAL_TS_MS)

    assert parsed.lines == [3]
    assert [rejection.line for rejection in parsed.rejected] == [5]
