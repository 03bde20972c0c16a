"""Times as the service keeps them, Unix milliseconds, and as dates."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """The millisecond that a moment is in; negative before 1970. Raises TypeError for a date without a zone."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ts_ms: int) -> datetime:
    """The moment at which a millisecond begins, in UTC."""
    return _EPOCH + timedelta(milliseconds=ts_ms)
