"""Bodies of JSON objects, one a line or in one array: each is read on its own, so that a bad one costs only itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import NamedTuple, TypeAlias

import msgspec

from openpositions.core.events import Event
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.decoding import not_json

Document: TypeAlias = tuple[int, bytes]
"""The number of a line, or of an element of an array, from 1; and the JSON that should stand there."""


class Rejection(msgspec.Struct, frozen=True):
    """Why nothing was taken from a line, as the answer to a post lists it (interfaces, "Events in")."""

    line: int
    """From 1: the line, or the element of an array."""
    code: str
    message: str


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of each line of a body, once what was accepted is durable (interfaces, "Events in")."""

    accepted: int
    duplicates: int
    rejected: list[Rejection]
    sequence: int


class ParsedBody(NamedTuple):
    """What a body says. Every line that is not blank is in `lines` or in `rejected`, and in one of them only."""

    events: list[Event]
    lines: list[int]
    """The line of each event."""
    rejected: list[Rejection]

    def extend(self, piece: ParsedBody) -> None:
        """Adds what a later piece of the same body says."""
        self.events.extend(piece.events)
        self.lines.extend(piece.lines)
        self.rejected.extend(piece.rejected)


class _Skipped(msgspec.Struct, array_like=True):
    """An array of which nothing is kept."""


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some editors and shells begin a file of UTF-8 with; it says nothing."""

_decode_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_check_array = msgspec.json.Decoder(_Skipped).decode
_opens_array = re.compile(rb"[ \t\r\n]*\[").match
_next_tokens = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL).finditer

# An array with no more than these has no more elements, which take 64 bytes each when it is split at once. Events have
# a comma in 20 bytes, so what has more in a body of the usual size is made of something else.
MOST_COMMAS = 1_000_000
# What is looked at of a long element before others get their turn.
_TOKENS_A_TURN = 16


def split_body(body: bytes, *, most_commas: int = MOST_COMMAS) -> Iterable[Document]:
    """The documents of a body: of a JSON array, if it starts with `[`, else its lines.

    However many there are, they take little memory besides the body itself: an array with more than `most_commas` is
    split one element at a time. Raises InvalidInput for an array that does not decode: where its elements end nobody
    can tell.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)  # no copy where there is none
    if not _opens_array(body):
        return enumerate(BytesIO(body), 1)
    try:
        if body.count(b",") > most_commas:
            _check_array(body)
            return _elements(body)
        return enumerate(map(bytes, _decode_elements(body)), 1)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None


def _elements(body: bytes) -> Iterator[Document]:
    """The elements of a good array, one by one; amid a long one a blank document now and then, which is none."""
    number, depth = 1, 0
    start = body.index(b"[") + 1
    for tokens, token in enumerate(_next_tokens(body, start)):
        mark = token[0]
        if mark in {b"[", b"{"}:
            depth += 1
        elif depth == 0 and mark in {b",", b"]"}:
            yield number, body[start : token.start()]
            number, start = number + 1, token.end()
        elif mark in {b"]", b"}"}:
            depth -= 1
        if tokens % _TOKENS_A_TURN == 0:
            yield number, b""


def read_documents(documents: Iterable[Document], read: Callable[[bytes], Event]) -> ParsedBody:
    """The event that `read` makes of each document, or why it makes none: the InvalidInput that it raises."""
    parsed = ParsedBody([], [], [])
    events, lines, rejected = parsed
    for line, document in documents:
        try:
            events.append(read(document))
            lines.append(line)
        except InvalidInput as error:
            if document.strip():
                rejected.append(Rejection(line, error.code, str(error)))
    return parsed


def nothing_read(error: InvalidInput) -> ParsedBody:
    """What a body says that cannot be split."""
    return ParsedBody([], [], [Rejection(1, error.code, str(error))])
