"""What a read of the venue is asked for: its parameters, and the cursor where it goes on (protocol, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from openpositions.core.money import INT64_MAX
from openpositions.wire.rest.parameters import (
    DEFAULT_LIMIT,
    Cursor,
    parse_cursor,
    parse_limit,
    parse_name,
    parse_seconds,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNT_FILTERS = ("position", "total_traded")

_Sequence = Annotated[int, msgspec.Meta(ge=1, le=INT64_MAX)]


class PositionsCursor(Cursor, frozen=True, tag="positions"):
    """Where positions go on."""

    ticker: str


class FillsCursor(Cursor, frozen=True, tag="fills"):
    """Where fills go on, downwards."""

    sequence: _Sequence


class SettlementsCursor(Cursor, frozen=True, tag="settlements"):
    """Where settlements go on: downwards by sequence, upwards by subaccount."""

    settled_sequence: _Sequence
    subaccount: int


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
    cursor = parse_cursor(query, PositionsCursor)
    return PositionsQuery(
        subaccount,
        limit=parse_limit(query),
        after=cursor.ticker if cursor else "",
        ticker=parse_name(query, "ticker"),
        event_ticker=parse_name(query, "event_ticker"),
        nonzero=_count_filter(query),
    )


def parse_fills_query(query: Mapping[str, str], subaccount: int | None) -> FillsQuery:
    """The query of the fills of one subaccount, or of all."""
    cursor = parse_cursor(query, FillsCursor)
    return FillsQuery(
        subaccount,
        limit=parse_limit(query),
        before=cursor.sequence if cursor else None,
        ticker=parse_name(query, "ticker"),
        order_id=parse_name(query, "order_id"),
        min_ts=parse_seconds(query, "min_ts"),
        max_ts=parse_seconds(query, "max_ts"),
    )


def parse_settlements_query(query: Mapping[str, str], subaccount: int | None) -> SettlementsQuery:
    """The query of the settlements of one subaccount, or of all."""
    cursor = parse_cursor(query, SettlementsCursor)
    return SettlementsQuery(
        subaccount,
        limit=parse_limit(query),
        after=(cursor.settled_sequence, cursor.subaccount) if cursor else None,
        ticker=parse_name(query, "ticker"),
        event_ticker=parse_name(query, "event_ticker"),
        min_ts=parse_seconds(query, "min_ts"),
        max_ts=parse_seconds(query, "max_ts"),
    )


def _count_filter(query: Mapping[str, str]) -> tuple[str, ...]:
    text = query.get("count_filter", "")
    if not text:
        return ()
    names = tuple(text.split(","))
    if set(names).issubset(COUNT_FILTERS):
        return names
    raise refusal("count_filter", text, f"{' or '.join(COUNT_FILTERS)}, or both separated by a comma")
