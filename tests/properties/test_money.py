"""Numbers written and read again."""

from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.money import (
    divide_half_even,
    format_count,
    format_dollars,
    format_dollars_6,
    format_price,
    parse_fixed,
)

numbers = st.integers(-(2**63) + 1, 2**63 - 1)


@given(numbers)
def test_count_survives_being_written(count: int) -> None:
    """Every count of 64 bits."""
    assert parse_fixed(format_count(count), 2) == count


@given(st.integers(0, 10_000))
def test_price_survives_being_written(price: int) -> None:
    """Every price there is."""
    assert parse_fixed(format_price(price), 4) == price


@given(numbers)
def test_money_survives_being_written(micros: int) -> None:
    """In the form of frames and in the form of REST."""
    assert parse_fixed(format_dollars(micros), 6) == micros
    assert parse_fixed(format_dollars_6(micros), 6) == micros


@given(numbers, st.integers(1, 10**9))
def test_rounding_goes_at_most_half_a_unit(amount: int, unit: int) -> None:
    """To an even number when it is exactly half."""
    quotient = divide_half_even(amount, unit)
    remainder = abs(amount - quotient * unit)

    assert remainder * 2 < unit or (remainder * 2 == unit and quotient % 2 == 0)
