"""Parameters of the reads of the past."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.history import Moment
from openpositions.errors import InvalidInput
from openpositions.wire.rest.history_query import (
    EntriesCursor,
    EntriesQuery,
    HistoryCursor,
    HistoryQuery,
    SeriesParameters,
    parse_entries_query,
    parse_history_query,
    parse_series_query,
    parse_time_ms,
)
from openpositions.wire.rest.parameters import format_cursor

LAST_MS = 253_402_300_799_999


@pytest.mark.parametrize(
    ("text", "ts_ms"),
    [
        ("0", 0),
        (str(LAST_MS), LAST_MS),
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-31T00:00:00.1239Z", 1_769_817_600_123),
        ("2026-01-31T01:00:00+01:00", 1_769_817_600_000),
        ("20260131T000000Z", 1_769_817_600_000),
        ("9999-12-31T23:59:59.999Z", LAST_MS),
    ],
)
def test_times(text: str, ts_ms: int) -> None:
    """What is finer than a millisecond is dropped."""
    assert parse_time_ms({"as_of": text}, "as_of") == ts_ms


@pytest.mark.parametrize(
    "text",
    ["-1", str(LAST_MS + 1), "2026-01-31", "2026-01-31T00:00:00", "0001-01-01T00:00:00+23:59", "\u0661", "\ud800"],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A time without a zone is none."""
    with pytest.raises(InvalidInput, match=r"^since must be Unix milliseconds from 0 to"):
        parse_time_ms({"since": text}, "since")


@pytest.mark.parametrize(
    ("text", "every_ms"),
    [("", 3_600_000), ("1s", 1_000), ("90m", 5_400_000), ("2h", 7_200_000), ("366d", 31_622_400_000)],
)
def test_lengths_of_time(text: str, every_ms: int) -> None:
    """An hour unless it is said otherwise."""
    assert parse_series_query({"every": text}, None).every_ms == every_ms


@pytest.mark.parametrize(
    "text", ["s", "0s", "-1s", "1", "1.5h", "1 h", "1w", "367d", "999999999s", "\u0661s", "\u00b2s"]
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    """The message gives examples."""
    with pytest.raises(InvalidInput, match=r'^every must be a length of time from 1s to 366d such as "15m"'):
        parse_series_query({"every": text}, None)


def test_every_parameter_is_taken() -> None:
    """All of them at once; a cursor keeps the journal that the first page was told of."""
    of_history = format_cursor(HistoryCursor("RAIN", 2, 5))
    of_entries = format_cursor(EntriesCursor(3, 5))

    assert parse_history_query(
        {"as_of": "7", "cursor": of_history, "limit": "2", "ticker": "SUN", "open": "true"}, 1, 9
    ) == HistoryQuery(1, Moment(5, 7), 2, ("RAIN", 2), "SUN", open=True)
    assert parse_history_query({"open": "false"}, None, 9) == HistoryQuery(None, Moment(9), open=False)
    assert parse_history_query({}, None, 9) == HistoryQuery(None, Moment(9))
    assert parse_history_query({"sequence": "0"}, None, 9) == HistoryQuery(None, Moment(0))
    assert parse_entries_query({"cursor": of_entries, "limit": "2", "ticker": "SUN"}, 1, 9) == EntriesQuery(
        1, 5, 3, 2, "SUN"
    )
    assert parse_entries_query({"sequence": "4"}, None, 9) == EntriesQuery(None, 4)
    assert parse_series_query({"since": "1", "until": "2", "ticker": "SUN"}, 1) == SeriesParameters(
        1, 3_600_000, "SUN", 1, 2
    )


def refused(parse: Callable[[], object]) -> str | None:
    """The parameter that is refused; None when all are taken."""
    try:
        parse()
    except InvalidInput as refusal:
        return refusal.field
    return None


NAMES = st.sampled_from(["as_of", "sequence", "cursor", "limit", "ticker", "open", "since", "every"])


@given(st.dictionaries(NAMES, st.text()))
def test_whatever_is_asked_is_taken_or_refused(query: dict[str, str]) -> None:
    """By a name that was given; nothing else is raised."""
    known = {None, *query}

    assert refused(lambda: parse_history_query(query, None, 9)) in known
    assert refused(lambda: parse_entries_query(query, None, 9)) in known
    assert refused(lambda: parse_series_query(query, None)) in known
