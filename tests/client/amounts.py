"""Amounts in few words."""

from decimal import Decimal


def decimals(*texts: str) -> tuple[Decimal, ...]:
    """Exact numbers."""
    return tuple(map(Decimal, texts))
