"""Exact amounts of the client library in the forms of the protocol: 4 to 6 decimals of a dollar, 2 of a count."""

from decimal import Decimal

_COUNT_DECIMALS, _DOLLAR_DECIMALS = 2, 4


def format_dollars(amount: Decimal) -> str:
    """Money, or a price."""
    return _with_decimals(amount, _DOLLAR_DECIMALS)


def format_count(count: Decimal) -> str:
    """A number of contracts."""
    return _with_decimals(count, _COUNT_DECIMALS)


def known_dollars(amount: Decimal | None) -> str | None:
    """Money or a price that may be unknown, and is None then, never 0."""
    return None if amount is None else format_dollars(amount)


def _with_decimals(amount: Decimal, least: int) -> str:
    """All that is not 0, and at least so many decimals. Nothing is rounded."""
    whole, _, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole if amount else '0'}.{decimals}"
