"""Rows as they are against rows as they were expected (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.money import COUNT_DECIMALS, MONEY_DECIMALS, format_count, format_dollars, parse_fixed
from openpositions.testing.scenario.forms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.testing.scenario.steps import ExpectedRow

_COUNTS = frozenset({"position", "volume"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the service reports it; its numbers are exact texts."""

    position: str = msgspec.field(name="position_fp")
    cost: str = msgspec.field(name="position_cost_dollars")
    realized_pnl: str = msgspec.field(name="realized_pnl_dollars")
    fees_paid: str = msgspec.field(name="fees_paid_dollars")
    fee_cost: str = msgspec.field(name="position_fee_cost_dollars")
    volume: str = msgspec.field(name="volume_fp")
    total_traded: str = msgspec.field(name="total_traded_dollars")
    market_value: str | None = msgspec.field(name="market_value_dollars")
    """None is unknown."""
    unrealized_pnl: str | None = msgspec.field(name="unrealized_pnl_dollars")


class Difference(msgspec.Struct, frozen=True):
    """Something that is not as the scenario says."""

    line: int
    """Of the scenario, where it says so."""
    subject: str
    """The user and the market, or the event."""
    field: str
    expected: str
    actual: str


def compare(expected: ExpectedRow, row: Row | None, line: int) -> Iterator[Difference]:
    """The numbers that differ, in the order of the fields; one difference when there is no row."""
    subject = f"{expected.user} {expected.ticker}" + (f" #{expected.subaccount}" if expected.subaccount else "")
    if row is None:
        yield Difference(line, subject, "row", "a row", "none")
        return
    for field, text in expected.stated().items():
        wanted, actual = _number(field, text), _number(field, getattr(row, field))
        if wanted != actual:
            yield Difference(line, subject, field, _shown(field, wanted), _shown(field, actual))


def _number(field: str, text: str | None) -> int | None:
    """The number that a text writes; None where it is unknown."""
    if text is None or text == UNKNOWN:
        return None
    return parse_fixed(text, COUNT_DECIMALS if field in _COUNTS else MONEY_DECIMALS)


def _shown(field: str, number: int | None) -> str:
    if number is None:
        return UNKNOWN
    return format_count(number) if field in _COUNTS else format_dollars(number)
