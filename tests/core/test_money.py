"""Fixed-point text in and out (accounting, "Units")."""

import pytest

from openpositions.core.money import (
    divide_half_even,
    format_count,
    format_dollars,
    format_dollars_6,
    format_price,
    parse_fixed,
    price_cents,
    whole_contracts,
)
from openpositions.errors import MalformedNumber


@pytest.mark.parametrize(
    ("text", "decimals", "number"),
    [
        ("0.5600", 4, 5600),
        ("0.56", 4, 5600),
        ("10", 2, 10_00),
        ("10.5", 2, 10_50),
        ("-8.84", 2, -8_84),
        ("-0.05", 2, -5),
        ("007.50", 2, 7_50),
        ("0", 6, 0),
        ("-0.00", 2, 0),
    ],
)
def test_number_is_read_in_its_unit(text: str, decimals: int, number: int) -> None:
    """Missing decimals are zeros; a sign covers the whole number."""
    assert parse_fixed(text, decimals) == number


def test_zeros_past_the_precision_are_taken() -> None:
    """Zeros say nothing, so "0.560000" is a price of 4 decimals."""
    assert parse_fixed("0.560000", 4) == 5600


def test_digit_past_the_precision_is_refused_not_rounded() -> None:
    """A price of 0.56001 has no exact value in 1/10,000 dollar."""
    with pytest.raises(MalformedNumber, match=r"^'0.56001' has more than 4 decimals$"):
        parse_fixed("0.56001", 4)


@pytest.mark.parametrize(
    "text",
    [
        "", "-", ".", ".5", "5.", "+1", "--1", "1.2.3", "1e3", "1_000", "1,000", " 1", "1 ", "1\n", "0x10",
        "nan", "inf", "\u0663", "\u00b2", "1-", "1.-5",
    ],
)  # fmt: skip
def test_text_that_is_no_plain_decimal_number_is_refused(text: str) -> None:
    """Digits, at most one point between them, at most one minus before them: everything else names itself."""
    with pytest.raises(MalformedNumber, match="is not a decimal number") as refused:
        parse_fixed(text, 2)

    assert str(refused.value).startswith(repr(text))


def test_overlong_text_is_refused_without_being_repeated_whole() -> None:
    """A hostile number of a megabyte neither costs time nor fills the log."""
    with pytest.raises(MalformedNumber) as refused:
        parse_fixed("9" * 1_000_000, 2)

    assert len(str(refused.value)) < 100


def test_largest_number_is_the_largest_of_64_bits() -> None:
    """2^63 - 1 units is read."""
    assert parse_fixed("92233720368547758.07", 2) == 9_223_372_036_854_775_807


@pytest.mark.parametrize("text", ["92233720368547758.08", "-92233720368547758.08"])
def test_number_past_64_bits_is_refused(text: str) -> None:
    """One unit more is refused, for either sign."""
    with pytest.raises(MalformedNumber, match="does not fit in 64 bits"):
        parse_fixed(text, 2)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.00"), (5, "0.05"), (100_00, "100.00"), (-8_84, "-8.84"), (-5, "-0.05")]
)
def test_count_is_written_with_2_decimals(count: int, text: str) -> None:
    """Also below one contract, and with the sign in front."""
    assert format_count(count) == text


@pytest.mark.parametrize(("price", "text"), [(0, "0.0000"), (1, "0.0001"), (5600, "0.5600"), (10_000, "1.0000")])
def test_price_is_written_with_4_decimals(price: int, text: str) -> None:
    """From nothing to the whole dollar of a settlement."""
    assert format_price(price) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.0000"),
        (50_000000, "50.0000"),
        (100, "0.0001"),
        (12_340, "0.01234"),
        (12_345, "0.012345"),
        (1, "0.000001"),
        (-170_000, "-0.1700"),
        (-1, "-0.000001"),
    ],
)
def test_dollars_have_4_decimals_and_up_to_6_when_needed(micros: int, text: str) -> None:
    """The exact value is never rounded away."""
    assert format_dollars(micros) == text


@pytest.mark.parametrize(("micros", "text"), [(0, "0.000000"), (50_000000, "50.000000"), (-12_345, "-0.012345")])
def test_rest_money_always_has_6_decimals(micros: int, text: str) -> None:
    """As the venue's own REST reads write it."""
    assert format_dollars_6(micros) == text


@pytest.mark.parametrize(
    ("amount", "quotient"),
    [(149, 1), (150, 2), (151, 2), (250, 2), (251, 3), (0, 0), (-50, 0), (-51, -1), (-150, -2), (-250, -2)],
)
def test_tie_is_rounded_to_the_even_number(amount: int, quotient: int) -> None:
    """Hundredths to whole ones, both signs alike."""
    assert divide_half_even(amount, 100) == quotient


@pytest.mark.parametrize(("count", "contracts"), [(199, 1), (100, 1), (99, 0), (0, 0), (-99, 0), (-199, -1)])
def test_whole_contracts_drop_the_fraction_toward_zero(count: int, contracts: int) -> None:
    """A NO position is not rounded away from zero."""
    assert whole_contracts(count) == contracts


@pytest.mark.parametrize(("yes_bp", "yes", "no"), [(4_800, 48, 52), (50, 0, 100), (150, 2, 98), (9_999, 100, 0)])
def test_cents_of_both_sides_add_to_a_dollar(yes_bp: int, yes: int, no: int) -> None:
    """Of the two ties of a half cent, one goes up and one goes down."""
    assert (price_cents(yes_bp), price_cents(10_000 - yes_bp)) == (yes, no)
