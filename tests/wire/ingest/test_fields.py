"""Checks of single values, which every kind of event makes (interfaces, "Events in")."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from openpositions.core.money import COUNT_DECIMALS, MONEY_DECIMALS
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.fields import (
    check_ids,
    check_line,
    decimal,
    decimal_or_integer,
    invalid,
    missing,
    must_be,
    shown,
    time_ms,
)

ARRIVAL_MS = 77


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.5, "0.5"),
        ("a\nb", r'"a\nb"'),
        ("\u20ac", r'"\u20ac"'),
        ({"a": 1}, "an object"),
        ([1], "a list"),
        ("x" * 46, '"' + "x" * 46 + '"'),
        ("x" * 5_000, '"' + "x" * 44 + "..."),
        (10**60, "1" + "0" * 44 + "..."),
    ],
)
def test_value_is_shown_in_one_short_line(value: object, text: str) -> None:
    """As JSON in ASCII, whatever was fed in."""
    assert shown(value) == text


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("no_price_dollars", "invalid_price"),
        ("yes_bid", "invalid_price"),
        ("count_fp", "invalid_count"),
        ("fee_cost", "invalid_fee"),
        ("amount_dollars", "invalid_amount"),
        ("created_time", "invalid_ts"),
        ("reason", "invalid_reason"),
    ],
)
def test_code_names_the_quantity_whatever_field_states_it(field: str, code: str) -> None:
    """So that whoever handles a mistake need not know every name."""
    error = invalid(field, "no")

    assert (error.field, error.code) == (field, code)


def test_errors_say_field_value_and_what_is_allowed() -> None:
    """Or that it is absent."""
    assert str(must_be("side", "yes or no", "up")) == 'side must be yes or no, not "up"'
    assert (str(missing("side", ": say one")), missing("side").code) == ("side is missing: say one", "missing_field")


@pytest.mark.parametrize("text", ["a b", "a\n", "\u00e9"])
def test_id_with_another_character_is_refused(text: str) -> None:
    """An empty or absent one is somebody else's matter."""
    check_ids(trade_id="t1", order_id="", client_order_id=None)
    with pytest.raises(InvalidInput, match=r"^order_id must be text of printable ASCII characters without spaces"):
        check_ids(trade_id="t1", order_id=text)


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "a\x85", "a\u2028b"])
def test_text_for_people_is_one_line(text: str) -> None:
    """In any script."""
    assert check_line("title", "\u96e8 tomorrow?") == "\u96e8 tomorrow?"
    with pytest.raises(InvalidInput, match=r"^title must be one line without control characters, not "):
        check_line("title", text)


def test_number_keeps_its_unit() -> None:
    """Absent stays absent; what has too many decimals is refused under the name of its field."""
    assert (decimal("fee_cost", "0.17", MONEY_DECIMALS), decimal("count_fp", "10", COUNT_DECIMALS)) == (170_000, 10_00)
    assert decimal("fee_cost", None, MONEY_DECIMALS) is None
    with pytest.raises(InvalidInput, match=r"^count_fp: ") as refused:
        decimal("count_fp", "0.001", COUNT_DECIMALS)
    assert refused.value.code == "invalid_count"


@pytest.mark.parametrize(
    ("text", "integer", "count_centi"),
    [("10.00", None, 10_00), (None, 10, 10_00), ("10.49", 10, 10_49), ("10.00", 11, 10_00), (None, None, None)],
)
def test_text_wins_over_the_integer_beside_it(text: str | None, integer: int | None, count_centi: int | None) -> None:
    """Which is a rounded view of it."""
    assert decimal_or_integer("count_fp", text, COUNT_DECIMALS, "count", integer) == count_centi


def test_integer_that_is_more_than_one_off_is_refused() -> None:
    """Of two numbers neither is guessed to be the one meant."""
    with pytest.raises(InvalidInput, match=r'^count 12 must lie within 1 of count_fp "10.99"$'):
        decimal_or_integer("count_fp", "10.99", COUNT_DECIMALS, "count", 12)


@pytest.mark.parametrize(
    ("ts_ms", "instant", "expected"),
    [
        (5, 9, 5),
        (None, 9, 9_000),
        (None, datetime(2023, 12, 1, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1))), 1_701_388_800_999),
        (None, None, ARRIVAL_MS),
        (0, None, 0),
    ],
)
def test_time_is_the_milliseconds_else_the_instant_else_the_arrival(
    ts_ms: int | None, instant: int | datetime | None, expected: int
) -> None:
    """What is finer than a millisecond is left out."""
    assert time_ms(ts_ms, instant, ARRIVAL_MS) == expected


@pytest.mark.parametrize("instant", [datetime(1969, 12, 31, tzinfo=UTC), datetime.max.replace(tzinfo=timezone.min)])
def test_date_out_of_range_is_refused(instant: datetime) -> None:
    """Before 1970, or past the year 9999 in UTC."""
    with pytest.raises(InvalidInput, match=r"^created_time must be a time from 1970 to 9999 \(UTC\), not ") as refused:
        time_ms(None, instant, ARRIVAL_MS, "created_time")

    assert refused.value.code == "invalid_ts"
