"""Checks of tickers and ids that a program states: an empty one is a slip, and never stands for "all"."""

from __future__ import annotations

from openpositions.errors import InvalidInput
from openpositions.wire.names import NAME, is_name


def check_name(field: str, value: object) -> None:
    """Refuses what can be no ticker and no id. Raises InvalidInput."""
    if not isinstance(value, str) or not is_name(value):
        raise InvalidInput(field, f"{field} must be text of {NAME}, not {value!r:.60}")


def check_names(**names: str | None) -> None:
    """The same for several, of which any may be left out. Raises InvalidInput."""
    for field, value in names.items():
        if value is not None:
            check_name(field, value)
