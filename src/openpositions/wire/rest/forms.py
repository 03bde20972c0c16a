"""The forms that REST bodies give to integers and times (protocol, 4)."""

from datetime import UTC, datetime, timedelta

from openpositions.core.money import CENT_MICROS, divide_half_even

_CENT_BP = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cents(micros: int) -> int:
    """Money in cents, rounded half to even: the integer twin of an exact text."""
    return divide_half_even(micros, CENT_MICROS)


def cents_truncated(micros: int) -> int:
    """Money in cents, the rest dropped toward zero: the form of a balance."""
    return micros // CENT_MICROS if micros >= 0 else -(-micros // CENT_MICROS)


def price_cents(price_bp: int) -> int:
    """A price in cents, rounded half to even. The two sides of a fill still add to 100: one of two ties goes up."""
    return divide_half_even(price_bp, _CENT_BP)


def format_time(ts_ms: int) -> str:
    """Unix milliseconds as RFC 3339 with microseconds: "2026-07-06T01:55:17.343000Z"."""
    moment = _EPOCH + timedelta(milliseconds=ts_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
