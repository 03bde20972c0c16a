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


def known_total(*amounts: Decimal | None) -> Decimal | None:
    """The sum; None, which is unknown, where one of them is."""
    known = [amount for amount in amounts if amount is not None]
    return total(*known) if len(known) == len(amounts) else None


class Sum:
    """A sum of amounts that come and go; unknown while one of them is."""

    def __init__(self) -> None:
        self._known = ZERO
        self._unknown = 0

    @property
    def amount(self) -> Decimal | None:
        """What they add up to now."""
        return None if self._unknown else self._known

    def add(self, amount: Decimal | None) -> None:
        """One comes."""
        if amount is None:
            self._unknown += 1
        else:
            self._known = total(self._known, amount)

    def take(self, amount: Decimal | None) -> None:
        """One that came goes."""
        if amount is None:
            self._unknown -= 1
        else:
            self._known = less(self._known, amount)


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
