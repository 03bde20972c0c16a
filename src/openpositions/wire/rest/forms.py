"""The forms that REST bodies give to integers and times (protocol, 4)."""

from openpositions.core.money import CENT_MICROS, divide_half_even
from openpositions.wire.times import from_ms


def cents(micros: int) -> int:
    """Money in cents, rounded half to even: the integer twin of an exact text."""
    return divide_half_even(micros, CENT_MICROS)


def cents_truncated(micros: int) -> int:
    """Money in cents, the rest dropped toward zero: the form of a balance."""
    return micros // CENT_MICROS if micros >= 0 else -(-micros // CENT_MICROS)


def format_time(ts_ms: int) -> str:
    """Unix milliseconds as RFC 3339 with microseconds: "2026-07-06T01:55:17.343000Z"."""
    return from_ms(ts_ms).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
