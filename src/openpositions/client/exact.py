"""Sums and products of exact amounts. Whatever the decimal context of the program says, nothing is rounded here."""

from decimal import Context, Decimal, Inexact

# 64-bit integers of 1/1,000,000 have 19 digits, and a product of two of them 38.
_CONTEXT = Context(prec=80, traps=[Inexact])
ZERO = Decimal(0)
ONE = Decimal(1)


def total(*amounts: Decimal) -> Decimal:
    """The sum; 0 of none."""
    result = ZERO
    for amount in amounts:
        result = _CONTEXT.add(result, amount)
    return result


def less(amount: Decimal, taken: Decimal) -> Decimal:
    """The difference."""
    return _CONTEXT.subtract(amount, taken)


def times(count: Decimal, price: Decimal) -> Decimal:
    """The product."""
    return _CONTEXT.multiply(count, price)


def scaled(units: int, exponent: int) -> Decimal:
    """So many units of 10^exponent each: of cents, -2."""
    return Decimal(f"{units}E{exponent}")


def size(amount: Decimal) -> Decimal:
    """The amount without its sign."""
    return amount.copy_abs()
