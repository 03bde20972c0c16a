"""Exact amounts in the forms of the protocol."""

from decimal import Decimal

import pytest

from openpositions.cli.watch.amounts import format_count, format_dollars, known_dollars


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("4", "4.0000"),
        ("-0.5", "-0.5000"),
        ("0.008638", "0.008638"),
        ("6.00000000", "6.0000"),
        ("-0.0000", "0.0000"),
        ("1E+3", "1000.0000"),
        ("12345678901234567890123456789.123456", "12345678901234567890123456789.123456"),
    ],
)
def test_money_has_four_decimals_and_more_where_it_needs_them(amount: str, text: str) -> None:
    """Nothing is rounded, and there is no negative zero."""
    assert format_dollars(Decimal(amount)) == text


def test_count_has_two_decimals() -> None:
    """A NO position is negative."""
    assert format_count(Decimal("-149.9")) == "-149.90"


def test_unknown_amount_is_no_text() -> None:
    """Least of all 0."""
    assert (known_dollars(None), known_dollars(Decimal(0))) == (None, "0.0000")
