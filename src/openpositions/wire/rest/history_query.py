"""What a read of the past is asked for (interfaces, "Service paths besides")."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from openpositions.core.history import Moment
from openpositions.core.money import INT64_MAX
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.field_types import MAX_TS_MS
from openpositions.wire.rest.parameters import (
    DEFAULT_LIMIT,
    Cursor,
    parse_cursor,
    parse_flag,
    parse_integer,
    parse_limit,
    parse_name,
    refusal,
)
from openpositions.wire.times import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

_Sequence = Annotated[int, msgspec.Meta(ge=0, le=INT64_MAX)]
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST_EVERY = 8  # digits
_LONGEST_EVERY_MS = 366 * _UNITS_MS["d"]


class HistoryCursor(Cursor, frozen=True, tag="history"):
    """Where rows of the past go on: upwards by ticker and subaccount, all as of the same journal."""

    ticker: str
    subaccount: int
    sequence: _Sequence


class EntriesCursor(Cursor, frozen=True, tag="entries"):
    """Where entries go on, upwards; and where they end."""

    after: _Sequence
    through: _Sequence


class HistoryQuery(NamedTuple):
    """Which rows, as of when."""

    subaccount: int | None
    """None for all."""
    moment: Moment
    limit: int = DEFAULT_LIMIT
    after: tuple[str, int] = ("", -1)
    """Only rows of a later ticker and subaccount."""
    ticker: str | None = None
    open: bool = False
    """Only rows that were not flat."""


class EntriesQuery(NamedTuple):
    """Which entries."""

    subaccount: int | None
    """None for all."""
    through: int
    """Only entries up to this sequence."""
    after: int = 0
    """Only entries of higher sequences."""
    limit: int = DEFAULT_LIMIT
    ticker: str | None = None


class SeriesParameters(NamedTuple):
    """Which profit and loss, how often."""

    subaccount: int | None
    """None for all."""
    every_ms: int
    ticker: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


def parse_history_query(query: Mapping[str, str], subaccount: int | None, head: int) -> HistoryQuery:
    """The query of rows as they were, in a journal with this head: as of an event time, a sequence, or now."""
    cursor = parse_cursor(query, HistoryCursor)
    as_of = parse_time_ms(query, "as_of")
    sequence = _sequence(query, head)
    if as_of is not None and sequence is not None:
        raise InvalidInput("as_of", "as_of and sequence are two ways to say when: give one", code="invalid_parameter")
    return HistoryQuery(
        subaccount,
        Moment(cursor.sequence if cursor else head if sequence is None else sequence, as_of),
        limit=parse_limit(query),
        after=(cursor.ticker, cursor.subaccount) if cursor else ("", -1),
        ticker=parse_name(query, "ticker"),
        open=parse_flag(query, "open"),
    )


def parse_entries_query(query: Mapping[str, str], subaccount: int | None, head: int) -> EntriesQuery:
    """The query of the entries of a user, in a journal with this head."""
    cursor = parse_cursor(query, EntriesCursor)
    sequence = _sequence(query, head)
    return EntriesQuery(
        subaccount,
        cursor.through if cursor else head if sequence is None else sequence,
        after=cursor.after if cursor else 0,
        limit=parse_limit(query),
        ticker=parse_name(query, "ticker"),
    )


def parse_series_query(query: Mapping[str, str], subaccount: int | None) -> SeriesParameters:
    """The query of profit and loss over time."""
    return SeriesParameters(
        subaccount,
        _every_ms(query),
        ticker=parse_name(query, "ticker"),
        since_ms=parse_time_ms(query, "since"),
        until_ms=parse_time_ms(query, "until"),
    )


def _every_ms(query: Mapping[str, str]) -> int:
    text = query.get("every", "") or "1h"
    number, unit_ms = text[:-1], _UNITS_MS.get(text[-1])
    if unit_ms and number.isascii() and number.isdigit() and len(number) <= _LONGEST_EVERY:
        every_ms = int(number) * unit_ms
        if 0 < every_ms <= _LONGEST_EVERY_MS:
            return every_ms
    raise refusal("every", text, 'a length of time from 1s to 366d such as "15m", "1h" or "1d"')


def parse_time_ms(query: Mapping[str, str], name: str) -> int | None:
    """A time in Unix milliseconds, written so or as RFC 3339 with a zone; None when it is left open."""
    text = query.get(name, "")
    if not text:
        return None
    allowed = f'Unix milliseconds from 0 to {MAX_TS_MS}, or a time with a zone such as "2026-01-31T00:00:00Z"'
    if text.isascii() and text.isdigit():
        if len(text) <= len(str(MAX_TS_MS)) and int(text) <= MAX_TS_MS:
            return int(text)
        raise refusal(name, text, allowed)
    try:
        ts_ms = to_ms(datetime.fromisoformat(text))
    except (ValueError, TypeError):  # a time without a zone is no moment
        raise refusal(name, text, allowed) from None
    if not 0 <= ts_ms <= MAX_TS_MS:
        raise refusal(name, text, allowed)
    return ts_ms


def _sequence(query: Mapping[str, str], head: int) -> int | None:
    return parse_integer(query, "sequence", 0, head, "a sequence that the journal has, ")
