"""Parameters of a REST read, whichever read it is (protocol, 4).

Unknown parameters are ignored, an empty value is an absent one. A bad value raises InvalidInput, which names the
parameter, the value and what is allowed.

A cursor is an opaque text of the key of the last row. It holds no offset: rows that come, go or change in between move
nothing that was not yet read.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, TypeVar

import msgspec

from openpositions.errors import InvalidInput
from openpositions.wire.ingest.field_types import MAX_SUBACCOUNT, MAX_TS_MS
from openpositions.wire.names import NAME, is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000

MAX_TS = MAX_TS_MS // 1000  # milliseconds given by mistake are past it
_LONGEST_INTEGER = 19


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The key of the last row of a page. The tag is the read it came from: no other takes it."""


CursorT = TypeVar("CursorT", bound=Cursor)


def format_cursor(cursor: Cursor) -> str:
    """The text of a cursor; it needs no escaping in a URL."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def parse_cursor(query: Mapping[str, str], kind: type[CursorT]) -> CursorT | None:
    """Where a read goes on; None where it begins."""
    text = query.get("cursor", "")
    if not text:
        return None
    try:
        encoded = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(encoded, type=kind)
    except (ValueError, msgspec.DecodeError):
        raise refusal("cursor", text, "one that this read answered with") from None


def parse_subaccount(query: Mapping[str, str]) -> int | None:
    """The subaccount that is asked for; None when that is left open."""
    return parse_integer(query, "subaccount", 0, MAX_SUBACCOUNT)


def parse_limit(query: Mapping[str, str]) -> int:
    """How long a page may be."""
    limit = parse_integer(query, "limit", 1, MAX_LIMIT)
    return DEFAULT_LIMIT if limit is None else limit


def parse_seconds(query: Mapping[str, str], name: str) -> int | None:
    """A time in Unix seconds; None when it is left open."""
    return parse_integer(query, name, 0, MAX_TS, "Unix seconds, ")


def parse_integer(query: Mapping[str, str], name: str, lowest: int, highest: int, unit: str = "") -> int | None:
    """An integer in a range, both ends included; None when it is left open."""
    text = query.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER and lowest <= int(text) <= highest:
        return int(text)
    raise refusal(name, text, f"{unit}an integer from {lowest} to {highest}")


def parse_flag(query: Mapping[str, str], name: str) -> bool:
    """Whether something is asked for; not when that is left open."""
    text = query.get(name, "")
    if text in {"", "true", "false"}:
        return text == "true"
    raise refusal(name, text, "true or false")


def parse_name(query: Mapping[str, str], name: str) -> str | None:
    """An id or a ticker; None when it is left open."""
    text = query.get(name, "")
    if not text:
        return None
    if is_name(text):
        return text
    raise refusal(name, text, NAME)


def refusal(name: str, text: str, allowed: str) -> InvalidInput:
    """The error for the value of a parameter."""
    return InvalidInput(name, f"{name} must be {allowed}, not {text[:40]!a}", code="invalid_parameter")
