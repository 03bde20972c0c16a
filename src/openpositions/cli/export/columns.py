"""Columns of a table that is written to a file: what a value is, and how it is written exactly."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.money import (
    COUNT_DECIMALS,
    MONEY_DECIMALS,
    PRICE_DECIMALS,
    format_count,
    format_dollars_6,
    format_price,
)
from openpositions.wire.rest.forms import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = int | str | bool | None
"""In the units of the core; None where there is none."""


class Kind(Enum):
    """What the values of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    TIME = "time"
    """Unix milliseconds."""
    COUNT = COUNT_DECIMALS
    """1/100 contract."""
    PRICE = PRICE_DECIMALS
    """1/10,000 dollar."""
    MONEY = MONEY_DECIMALS
    """Micros."""


class Column(NamedTuple):
    """One column. Its name ends in what its values are counted in."""

    name: str
    kind: Kind


def columns(text: str) -> list[Column]:
    """Columns by their names, which tell what their values are.

    `_fp` are counts, `price_dollars` and `value_dollars` prices, other `_dollars` money, `_ts` times, `is_` flags,
    `_markets`, `sequence` and `subaccount` integers; everything else is text.
    """
    return [Column(name, _kind(name)) for name in text.split()]


def _kind(name: str) -> Kind:
    for ending, kind in (
        ("_fp", Kind.COUNT),
        ("price_dollars", Kind.PRICE),
        ("value_dollars", Kind.PRICE),
        ("_dollars", Kind.MONEY),
        ("_ts", Kind.TIME),
        ("_markets", Kind.INTEGER),
        ("sequence", Kind.INTEGER),
        ("subaccount", Kind.INTEGER),
    ):
        if name.endswith(ending):
            return kind
    return Kind.FLAG if name.startswith("is_") else Kind.TEXT


_FORMATS: dict[Kind, Callable[[int], str]] = {
    Kind.COUNT: format_count,
    Kind.PRICE: format_price,
    Kind.MONEY: format_dollars_6,
    Kind.TIME: format_time,
    Kind.INTEGER: str,
}


def texts(row: Sequence[Value], of: Sequence[Column]) -> list[str]:
    """A row in exact texts; what does not exist or is unknown is empty."""
    return [_text(value, column.kind) for value, column in zip(row, of, strict=True)]


def _text(value: Value, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _FORMATS[kind](value)
