"""Unix milliseconds and dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from openpositions.wire.times import from_ms, to_ms


@pytest.mark.parametrize(
    ("moment", "ts_ms"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2023, 12, 1, 1, 0, 0, 999, tzinfo=UTC), 1_701_392_400_000),
        (datetime(2023, 12, 1, 2, 0, 0, 1999, tzinfo=timezone(timedelta(hours=1))), 1_701_392_400_001),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
    ],
)
def test_moment_is_in_the_millisecond_that_it_follows(moment: datetime, ts_ms: int) -> None:
    """In any zone; what is finer is left out, never rounded up."""
    assert to_ms(moment) == ts_ms


def test_date_without_a_zone_is_no_moment() -> None:
    """It is many, and none is guessed."""
    with pytest.raises(TypeError):
        to_ms(datetime(2023, 12, 1))  # noqa: DTZ001 - what is refused


def test_last_millisecond_of_the_year_9999_is_a_date() -> None:
    """The latest that an event may have."""
    assert from_ms(253_402_300_799_999) == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
