"""Integers and times in REST bodies."""

import pytest

from openpositions.wire.rest.forms import cents, cents_truncated, format_time


@pytest.mark.parametrize(
    ("micros", "rounded"),
    [(4_999, 0), (5_000, 0), (5_001, 1), (15_000, 2), (25_000, 2), (-5_000, 0), (-15_000, -2), (-5_001, -1)],
)
def test_cents_round_half_to_even(micros: int, rounded: int) -> None:
    """A tie goes to the even cent, on both sides of zero."""
    assert cents(micros) == rounded


@pytest.mark.parametrize(("micros", "truncated"), [(999_462_500, 99_946), (-999_462_500, -99_946), (-9_999, 0)])
def test_balance_in_cents_is_truncated_toward_zero(micros: int, truncated: int) -> None:
    """The venue shows 999.4625 dollars as 99946 cents; a debt is not made larger than it is."""
    assert cents_truncated(micros) == truncated


@pytest.mark.parametrize(
    ("ts_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_783_302_917_343, "2026-07-06T01:55:17.343000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999000Z"),
    ],
)
def test_times_are_rfc_3339_with_microseconds(ts_ms: int, text: str) -> None:
    """Up to the last millisecond that an event may have."""
    assert format_time(ts_ms) == text
