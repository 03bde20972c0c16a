"""Parameters and cursors of the REST reads."""

from base64 import urlsafe_b64encode

import pytest

from openpositions.errors import InvalidInput
from openpositions.wire.rest.parameters import format_cursor, parse_subaccount
from openpositions.wire.rest.venue_queries import (
    FillsCursor,
    FillsQuery,
    PositionsCursor,
    PositionsQuery,
    SettlementsCursor,
    SettlementsQuery,
    parse_fills_query,
    parse_positions_query,
    parse_settlements_query,
)

NAMES = "1-128 printable ASCII characters without spaces"
SECONDS = "Unix seconds, an integer from 0 to 253402300799"


def test_positions_query_takes_every_parameter() -> None:
    """All of them at once, each in its own form."""
    query = parse_positions_query(
        {
            "limit": "1000",
            "cursor": format_cursor(PositionsCursor("FED-23DEC-T3.00")),
            "count_filter": "position,total_traded",
            "ticker": "FED-23DEC-T4.00",
            "event_ticker": "FED-23DEC",
        },
        7,
    )

    assert query == PositionsQuery(
        7, 1000, "FED-23DEC-T3.00", "FED-23DEC-T4.00", "FED-23DEC", ("position", "total_traded")
    )


def test_fills_query_takes_every_parameter() -> None:
    """All of them at once, each in its own form."""
    query = parse_fills_query(
        {
            "limit": "1",
            "cursor": format_cursor(FillsCursor(41)),
            "ticker": "RAIN",
            "order_id": "o1",
            "min_ts": "0",
            "max_ts": "1701388800",
        },
        None,
    )

    assert query == FillsQuery(None, 1, 41, "RAIN", "o1", 0, 1_701_388_800)


def test_settlements_query_takes_every_parameter() -> None:
    """All of them at once, each in its own form."""
    query = parse_settlements_query(
        {
            "limit": "5",
            "cursor": format_cursor(SettlementsCursor(41, 3)),
            "ticker": "RAIN",
            "event_ticker": "WEATHER",
            "min_ts": "1",
            "max_ts": "2",
        },
        3,
    )

    assert query == SettlementsQuery(3, 5, (41, 3), "RAIN", "WEATHER", 1, 2)


def test_without_parameters_a_page_is_the_first_hundred() -> None:
    """Nothing is filtered."""
    assert parse_fills_query({}, None) == FillsQuery(
        None, limit=100, before=None, ticker=None, order_id=None, min_ts=None, max_ts=None
    )


def test_empty_value_is_an_absent_one() -> None:
    """Clients send an empty cursor for the first page."""
    query = {"cursor": "", "limit": "", "ticker": "", "event_ticker": "", "count_filter": "", "subaccount": ""}

    assert parse_positions_query(query, 0) == PositionsQuery(0)


def test_unknown_parameter_is_ignored() -> None:
    """One public client still sends a filter that the venue dropped."""
    assert parse_positions_query({"settlement_status": "unsettled"}, 0) == PositionsQuery(0)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("limit", "0", "limit must be an integer from 1 to 1000, not '0'"),
        ("limit", "1001", "limit must be an integer from 1 to 1000, not '1001'"),
        ("limit", "-1", "limit must be an integer from 1 to 1000, not '-1'"),
        ("limit", "1.5", "limit must be an integer from 1 to 1000, not '1.5'"),
        ("limit", "ten", "limit must be an integer from 1 to 1000, not 'ten'"),
        ("limit", "\u0663", r"limit must be an integer from 1 to 1000, not '\u0663'"),
        ("limit", "9" * 5_000, f"limit must be an integer from 1 to 1000, not '{'9' * 40}'"),
        ("ticker", "two words", f"ticker must be {NAMES}, not 'two words'"),
        ("ticker", "t" * 129, f"ticker must be {NAMES}, not '{'t' * 40}'"),
        ("event_ticker", "caf\u00e9", rf"event_ticker must be {NAMES}, not 'caf\xe9'"),
        ("event_ticker", "a\n", rf"event_ticker must be {NAMES}, not 'a\n'"),
        (
            "count_filter",
            "position,volume",
            "count_filter must be position or total_traded, or both separated by a comma, not 'position,volume'",
        ),
        ("count_filter", ",", "count_filter must be position or total_traded, or both separated by a comma, not ','"),
    ],
)
def test_bad_parameter_of_positions_is_named(parameter: str, value: str, message: str) -> None:
    """With what it was and what is allowed."""
    with pytest.raises(InvalidInput) as refused:
        parse_positions_query({parameter: value}, 0)

    assert (refused.value.code, refused.value.field, str(refused.value)) == ("invalid_parameter", parameter, message)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("limit", "x", "limit must be an integer from 1 to 1000, not 'x'"),
        ("ticker", " ", f"ticker must be {NAMES}, not ' '"),
        ("order_id", "o 1", f"order_id must be {NAMES}, not 'o 1'"),
        ("min_ts", "2023-12-01", f"min_ts must be {SECONDS}, not '2023-12-01'"),
        ("max_ts", "1701388800000", f"max_ts must be {SECONDS}, not '1701388800000'"),
    ],
)
def test_bad_parameter_of_fills_is_named(parameter: str, value: str, message: str) -> None:
    """Milliseconds given for seconds are past the year 9999, and refused."""
    with pytest.raises(InvalidInput) as refused:
        parse_fills_query({parameter: value}, None)

    assert (refused.value.code, refused.value.field, str(refused.value)) == ("invalid_parameter", parameter, message)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("limit", "+5", "limit must be an integer from 1 to 1000, not '+5'"),
        ("ticker", "\x7f", rf"ticker must be {NAMES}, not '\x7f'"),
        ("event_ticker", "a b", f"event_ticker must be {NAMES}, not 'a b'"),
        ("min_ts", "-1", f"min_ts must be {SECONDS}, not '-1'"),
        ("max_ts", "1e9", f"max_ts must be {SECONDS}, not '1e9'"),
    ],
)
def test_bad_parameter_of_settlements_is_named(parameter: str, value: str, message: str) -> None:
    """With what it was and what is allowed."""
    with pytest.raises(InvalidInput) as refused:
        parse_settlements_query({parameter: value}, None)

    assert (refused.value.code, refused.value.field, str(refused.value)) == ("invalid_parameter", parameter, message)


@pytest.mark.parametrize("value", ["-1", "main", "2147483648"])
def test_bad_subaccount_is_named(value: str) -> None:
    """A subaccount is a number."""
    with pytest.raises(InvalidInput) as refused:
        parse_subaccount({"subaccount": value})

    assert str(refused.value) == f"subaccount must be an integer from 0 to 2147483647, not '{value}'"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "FED-23DEC-T3.00",
        "!!!!",
        "caf\u00e9",
        urlsafe_b64encode(b"not JSON").decode(),
        urlsafe_b64encode(b'["fills"]').decode(),
        urlsafe_b64encode(b'["fills",0]').decode(),
        urlsafe_b64encode(b'["fills",9223372036854775808]').decode(),
        urlsafe_b64encode(b'["fills","1"]').decode(),
        urlsafe_b64encode(b'["fills",\xff]').decode(),
        format_cursor(PositionsCursor("RAIN")),
        format_cursor(SettlementsCursor(41, 0)),
    ],
)
def test_cursor_that_this_read_never_gave_is_refused(cursor: str) -> None:
    """Whether it is no cursor at all, a forged one or one of another read."""
    with pytest.raises(InvalidInput) as refused:
        parse_fills_query({"cursor": cursor}, None)

    assert (refused.value.code, refused.value.field) == ("invalid_parameter", "cursor")
    assert str(refused.value).startswith("cursor must be one that this read answered with, not '")


def test_cursor_needs_no_escaping_in_a_url() -> None:
    """Clients paste it behind `cursor=` as it is."""
    texts = [format_cursor(PositionsCursor(chr(code) * length)) for code in range(33, 127) for length in (1, 2, 3)]

    assert all(text.replace("-", "").replace("_", "").isalnum() for text in texts)
