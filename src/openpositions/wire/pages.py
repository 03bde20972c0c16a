"""What a REST read is asked for: its parameters, and the cursor where it goes on (protocol, 4).

Unknown parameters are ignored, an empty value is an absent one. A bad value raises InvalidInput, which names the
parameter, the value and what is allowed.

A cursor is an opaque text of the key of the last row. It holds no offset: rows that come, go or change in between move
nothing that was not yet read.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn, TypeVar

import msgspec

from openpositions.core.money import INT64_MAX
from openpositions.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
COUNT_FILTERS = ("position", "total_traded")

_MAX_SUBACCOUNT = 2**31 - 1
_MAX_TS = 253_402_300_799  # the last second of the year 9999; milliseconds given by mistake are past it
_LONGEST_INTEGER = 19
_is_name = re.compile("[!-~]{1,128}").fullmatch

_Sequence = Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)]


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The key of the last row of a page. The tag is the read it came from: no other takes it."""


class PositionsCursor(_Cursor, frozen=True, tag="positions"):
    """Where positions go on."""

    ticker: str


class FillsCursor(_Cursor, frozen=True, tag="fills"):
    """Where fills go on, downwards."""

    sequence: _Sequence


class SettlementsCursor(_Cursor, frozen=True, tag="settlements"):
    """Where settlements go on: downwards by sequence, upwards by subaccount."""

    settled_sequence: _Sequence
    subaccount: int


_CursorT = TypeVar("_CursorT", bound=_Cursor)


class PositionsQuery(NamedTuple):
    """Which rows of the markets that are not settled. They are read of one subaccount at a time."""

    subaccount: int
    limit: int = DEFAULT_LIMIT
    after: str = ""
    """Only rows of later tickers."""
    ticker: str | None = None
    event_ticker: str | None = None
    nonzero: tuple[str, ...] = ()
    """Only rows where one of these is not 0; empty for all rows."""


class FillsQuery(NamedTuple):
    """Which fills."""

    subaccount: int | None
    """None for all."""
    limit: int = DEFAULT_LIMIT
    before: int | None = None
    """Only fills of lower sequences."""
    ticker: str | None = None
    order_id: str | None = None
    min_ts: int | None = None
    """Unix seconds, included."""
    max_ts: int | None = None
    """Unix seconds, included."""


class SettlementsQuery(NamedTuple):
    """Which rows of settled markets."""

    subaccount: int | None
    """None for all."""
    limit: int = DEFAULT_LIMIT
    after: tuple[int, int] | None = None
    """Only rows later in the order of (settled sequence falling, subaccount rising)."""
    ticker: str | None = None
    event_ticker: str | None = None
    min_ts: int | None = None
    """Unix seconds of the settlement, included."""
    max_ts: int | None = None
    """Unix seconds of the settlement, included."""


def parse_positions_query(query: Mapping[str, str], subaccount: int) -> PositionsQuery:
    """The query of the positions of one subaccount."""
    cursor = _cursor(query, PositionsCursor)
    return PositionsQuery(
        subaccount,
        limit=_limit(query),
        after=cursor.ticker if cursor else "",
        ticker=_name(query, "ticker"),
        event_ticker=_name(query, "event_ticker"),
        nonzero=_count_filter(query),
    )


def parse_fills_query(query: Mapping[str, str], subaccount: int | None) -> FillsQuery:
    """The query of the fills of one subaccount, or of all."""
    cursor = _cursor(query, FillsCursor)
    return FillsQuery(
        subaccount,
        limit=_limit(query),
        before=cursor.sequence if cursor else None,
        ticker=_name(query, "ticker"),
        order_id=_name(query, "order_id"),
        min_ts=_seconds(query, "min_ts"),
        max_ts=_seconds(query, "max_ts"),
    )


def parse_settlements_query(query: Mapping[str, str], subaccount: int | None) -> SettlementsQuery:
    """The query of the settlements of one subaccount, or of all."""
    cursor = _cursor(query, SettlementsCursor)
    return SettlementsQuery(
        subaccount,
        limit=_limit(query),
        after=(cursor.settled_sequence, cursor.subaccount) if cursor else None,
        ticker=_name(query, "ticker"),
        event_ticker=_name(query, "event_ticker"),
        min_ts=_seconds(query, "min_ts"),
        max_ts=_seconds(query, "max_ts"),
    )


def parse_subaccount(query: Mapping[str, str]) -> int | None:
    """The subaccount that is asked for; None when that is left open."""
    return _integer(query, "subaccount", 0, _MAX_SUBACCOUNT)


def format_cursor(cursor: _Cursor) -> str:
    """The text of a cursor; it needs no escaping in a URL."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def _refuse(name: str, text: str, allowed: str) -> NoReturn:
    raise InvalidInput(name, f"{name} must be {allowed}, not {text[:40]!a}", code="invalid_parameter")


def _cursor(query: Mapping[str, str], kind: type[_CursorT]) -> _CursorT | None:
    text = query.get("cursor", "")
    if not text:
        return None
    try:
        encoded = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(encoded, type=kind)
    except (ValueError, msgspec.DecodeError):
        _refuse("cursor", text, "one that this read answered with")


def _limit(query: Mapping[str, str]) -> int:
    limit = _integer(query, "limit", 1, MAX_LIMIT)
    return DEFAULT_LIMIT if limit is None else limit


def _seconds(query: Mapping[str, str], name: str) -> int | None:
    return _integer(query, name, 0, _MAX_TS, "Unix seconds, ")


def _integer(query: Mapping[str, str], name: str, lowest: int, highest: int, unit: str = "") -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER and lowest <= int(text) <= highest:
        return int(text)
    _refuse(name, text, f"{unit}an integer from {lowest} to {highest}")


def _name(query: Mapping[str, str], name: str) -> str | None:
    text = query.get(name, "")
    if not text:
        return None
    if _is_name(text):
        return text
    _refuse(name, text, "1-128 printable ASCII characters without spaces")


def _count_filter(query: Mapping[str, str]) -> tuple[str, ...]:
    text = query.get("count_filter", "")
    if not text:
        return ()
    names = tuple(text.split(","))
    if set(names).issubset(COUNT_FILTERS):
        return names
    _refuse("count_filter", text, f"{' or '.join(COUNT_FILTERS)}, or both separated by a comma")
