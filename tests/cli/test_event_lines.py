"""Which events a file has, and what of it is none."""

from collections.abc import Callable, Iterator
from io import BufferedReader, BytesIO
from typing import cast

import pytest

from openpositions.cli import event_lines
from openpositions.cli.event_lines import Item, Line, read_events, read_rest_fills
from openpositions.errors import Misconfigured
from openpositions.wire.ingest.bodies import Rejection


def file_of(content: bytes) -> BufferedReader:
    """A file."""
    return BufferedReader(BytesIO(content))


def items_of(content: bytes) -> list[Item]:
    """What a file of events has."""
    return list(read_events(file_of(content)))


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n"])
def test_file_of_nothing_has_no_events(content: bytes) -> None:
    """Blank lines are none."""
    assert items_of(content) == []


def test_lines_are_numbered_as_they_stand() -> None:
    """Without the white space around them; the last one needs no end."""
    assert items_of(b' {"a":1}\r\n\n{"b":2}') == [Line(1, b'{"a":1}\n'), Line(3, b'{"b":2}\n')]


def test_elements_of_an_array_become_lines() -> None:
    """However they are laid out."""
    assert items_of(b' [\n {"a":\n 1},\n\n 2]') == [Line(1, b'{"a":1}\n'), Line(2, b"2\n")]


@pytest.mark.parametrize("content", [b'{"a":1}\n', b'[{"a":1}]'])
def test_mark_of_the_byte_order_is_passed_over(content: bytes) -> None:
    """Some editors and shells begin a file of UTF-8 with it."""
    assert items_of(b"\xef\xbb\xbf" + content) == [Line(1, b'{"a":1}\n')]


def test_array_that_ends_too_early_is_rejected() -> None:
    """As one, since nobody can tell where its elements end."""
    (rejection,) = items_of(b'[{"a":1},')

    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.code) == (1, "invalid_json")


def test_array_among_lines_is_rejected() -> None:
    """It would make the service read all that follows as one array."""
    first, second = items_of(b'{"a":1}\n[{"b":2}]\n')

    assert first == Line(1, b'{"a":1}\n')
    assert second == Rejection(2, "invalid_json", "not a JSON object: Expected `object`, got `array`")


def test_malformed_array_among_lines_is_rejected() -> None:
    """With the reason of its own."""
    _, rejection = items_of(b'{"a":1}\n[{"b"\n')

    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.code) == (2, "invalid_json")


def test_line_that_is_too_long_is_rejected() -> None:
    """The lines after it keep their numbers."""
    long = b'{"a":"' + b"x" * (3 << 20) + b'"}'

    assert items_of(b'{"a":1}\n' + long + b'\n{"b":2}\n') == [
        Line(1, b'{"a":1}\n'),
        Rejection(2, "too_long", "an event has at most 65536 bytes, and this one has 3145737"),
        Line(3, b'{"b":2}\n'),
    ]


@pytest.mark.parametrize("read", [read_events, lambda file: read_rest_fills(file, "alice")])
def test_document_that_takes_too_much_memory_is_refused(
    read: Callable[[BufferedReader], Iterator[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to give instead."""
    monkeypatch.setattr(event_lines, "_LONGEST_DOCUMENT_BYTES", 10)

    with pytest.raises(Misconfigured, match="give one event, row or page a line"):
        list(read(file_of(b"[1, 2, 3, 4, 5]")))


def rest_row(trade_id: str, time: str) -> bytes:
    """A row of the venue's fills read."""
    return (
        b'{"trade_id":"%b","ticker":"RAIN","side":"no","action":"sell","no_price_dollars":"0.2500",'
        b'"count_fp":"3.00","fee_cost":"0.010000","is_taker":true,"order_id":"o1","created_time":"%b"}\n'
    ) % (trade_id.encode(), time.encode())


def test_mark_of_the_byte_order_before_a_page_is_passed_over() -> None:
    """A page that is laid out over many lines, too."""
    page = b'\xef\xbb\xbf{"fills":[\n' + rest_row("t1", "2026-01-01T00:00:00Z") + b'\n],"cursor":""}'

    (line,) = read_rest_fills(file_of(page), "alice")

    assert isinstance(line, Line)


def test_rest_row_becomes_an_event() -> None:
    """Its side is the side acquired."""
    (item,) = read_rest_fills(file_of(rest_row("t1", "2026-01-01T00:00:00.001Z")), "alice")

    assert item == Line(
        1,
        b'{"type":"fill","msg":{"trade_id":"t1","user_id":"alice","subaccount":0,"market_ticker":"RAIN",'
        b'"outcome_side":"no","yes_price_dollars":"0.7500","count_fp":"3.00","fee_cost":"0.010000","is_taker":true,'
        b'"order_id":"o1","client_order_id":"","ts_ms":1767225600001}}\n',
    )


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([("t1", 1), ("t2", 2), ("t3", 2)], [1, 2, 3]),
        ([("t3", 2), ("t2", 2), ("t1", 1)], [3, 2, 1]),
        ([("t1", 1), ("t3", 3), ("t2", 2)], [1, 3, 2]),
    ],
)
def test_rest_rows_are_read_oldest_first(rows: list[tuple[str, int]], numbers: list[int]) -> None:
    """Rows of one time in the direction of the file."""
    content = b"".join(rest_row(trade_id, f"2026-01-01T00:00:0{second}Z") for trade_id, second in rows)

    lines = cast("list[Line]", list(read_rest_fills(file_of(content), "alice")))

    assert [line.number for line in lines] == numbers
