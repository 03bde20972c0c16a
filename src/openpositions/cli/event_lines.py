"""Files of events, as numbered lines in the form that the service takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from openpositions.core.events import Fill
from openpositions.errors import InvalidInput, Misconfigured
from openpositions.wire.ingest.bodies import BYTE_ORDER_MARK, Rejection, split_body
from openpositions.wire.ingest.decoding import LONGEST_EVENT_BYTES, decode_object, too_long
from openpositions.wire.ingest.fill_events import fill_fields
from openpositions.wire.ingest.rest_fills import parse_rest_fills

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

# Of a file that is a single document, which can only be read whole.
_LONGEST_DOCUMENT_BYTES = 256 << 20

_encode = msgspec.json.Encoder().encode


class Line(NamedTuple):
    """One event."""

    number: int
    """Of the line in the file, or of the element where the file is one array or page; from 1."""
    text: bytes
    """Ends with a line feed and has no other."""


Item: TypeAlias = Line | Rejection


def read_events(file: BufferedReader) -> Iterator[Item]:
    """The events of a file: of each line that is not blank, or the elements of an array that is the whole file."""
    if file.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
        file.read(len(BYTE_ORDER_MARK))
    if file.peek(1).lstrip().startswith(b"["):
        yield from _read_array(file)
        return
    for number, line, length in _numbered_lines(file):
        if length > LONGEST_EVENT_BYTES:
            error = too_long(length)
            yield Rejection(number, error.code, str(error))
        elif line.startswith(b"["):
            # At the head of a body it would turn all of it into an array.
            yield _rejection(number, line)
        elif line:
            yield Line(number, line + b"\n")


def read_rest_fills(file: BufferedReader, user_id: str) -> Iterator[Item]:
    """The fills of one user in the venue's REST form, pages or rows, oldest first.

    The venue lists the newest first, and what a fill closes depends on those before it. Rows of the same millisecond
    keep the direction of the file.
    """
    parsed = parse_rest_fills(_read_whole(file), user_id, time.time_ns() // 1_000_000)
    yield from parsed.rejected
    fills = [
        (number, event) for number, event in zip(parsed.lines, parsed.events, strict=True) if isinstance(event, Fill)
    ]
    if fills and fills[0][1].ts_ms > fills[-1][1].ts_ms:
        fills.reverse()
    for number, fill in sorted(fills, key=lambda numbered: numbered[1].ts_ms):
        yield Line(number, _encode({"type": "fill", "msg": fill_fields(fill)}) + b"\n")


def _numbered_lines(file: BufferedReader) -> Iterator[tuple[int, bytes, int]]:
    """The lines without the white space around them, and their whole length; of one that is too long, its beginning."""
    number = 0
    while line := file.readline(LONGEST_EVENT_BYTES + 1):
        number += 1
        length, ended = len(line), line.endswith(b"\n")
        while not ended and (more := file.readline(LONGEST_EVENT_BYTES)):
            length += len(more)
            ended = more.endswith(b"\n")
        yield number, line.strip(), length


def _read_array(file: BufferedReader) -> Iterator[Item]:
    try:
        for number, element in split_body(_read_whole(file)):
            yield Line(number, msgspec.json.format(element, indent=-1) + b"\n")
    except InvalidInput as error:
        yield Rejection(1, error.code, str(error))


def _read_whole(file: BufferedReader) -> bytes:
    document = file.read(_LONGEST_DOCUMENT_BYTES + 1)
    if len(document) > _LONGEST_DOCUMENT_BYTES:
        raise Misconfigured("a file that is one JSON document may have 256 MiB; give one event, row or page a line")
    return document.removeprefix(BYTE_ORDER_MARK)


def _rejection(number: int, line: bytes) -> Rejection:
    try:
        decode_object(line)
    except InvalidInput as error:
        return Rejection(number, error.code, str(error))
    raise AssertionError(line)  # what begins with a bracket is no object
