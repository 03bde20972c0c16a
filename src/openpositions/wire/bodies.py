"""Bodies of JSON objects, one a line or in one array: each is read on its own, so that a bad one costs only itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import msgspec

from openpositions.core.events import Event
from openpositions.errors import InvalidInput
from openpositions.wire.decoding import not_json

Document: TypeAlias = tuple[int, bytes]
"""The number of a line, or of an element of an array, from 1; and the JSON that should stand there."""


class Rejection(msgspec.Struct, frozen=True):
    """Why nothing was taken from a line, as the answer to a post lists it (interfaces, "Events in")."""

    line: int
    """From 1: the line, or the element of an array."""
    code: str
    message: str


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


_decode_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_opens_array = re.compile(rb"[ \t\r\n]*\[").match


def split_body(body: bytes) -> Iterable[Document]:
    """The documents of a body: of a JSON array, if it starts with `[`, else its lines.

    Raises InvalidInput for an array that does not decode: where its elements end nobody can tell.
    """
    if not _opens_array(body):
        return enumerate(body.split(b"\n"), 1)
    try:
        return enumerate(map(bytes, _decode_elements(body)), 1)
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None


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
