"""Parameters that several reads take (protocol, 4)."""

import pytest

from openpositions.errors import InvalidInput
from openpositions.wire.rest.parameters import (
    Cursor,
    format_cursor,
    parse_cursor,
    parse_integer,
    parse_limit,
    parse_name,
    parse_seconds,
    parse_subaccount,
)


class Place(Cursor, frozen=True, tag="places"):
    """A key of two fields."""

    ticker: str
    subaccount: int


class OtherPlace(Cursor, frozen=True, tag="others"):
    """The same fields of another read."""

    ticker: str
    subaccount: int


def test_cursor_comes_back_as_it_was() -> None:
    """Its text needs no escaping in a URL, whatever the key."""
    text = format_cursor(Place("R\u00e4\u00efN?>~", 7))

    assert text.replace("-", "").replace("_", "").isalnum()
    assert parse_cursor({"cursor": text}, Place) == Place("R\u00e4\u00efN?>~", 7)


def test_no_cursor_is_the_beginning() -> None:
    """Absent, or empty as clients send it for the first page."""
    assert parse_cursor({}, Place) is None
    assert parse_cursor({"cursor": ""}, Place) is None


@pytest.mark.parametrize("text", ["x", "!", "\u00e9", "bm90IEpTT04", format_cursor(OtherPlace("RAIN", 0))])
def test_cursor_that_this_read_did_not_give_is_refused(text: str) -> None:
    """Also one that another read gave."""
    with pytest.raises(InvalidInput, match=r"^cursor must be one that this read answered with, not '"):
        parse_cursor({"cursor": text}, Place)


@pytest.mark.parametrize(("text", "number"), [("", None), ("1", 1), ("007", 7), ("20", 20)])
def test_integer_in_its_range_is_taken(text: str, number: int | None) -> None:
    """Both ends belong to it; nothing is nothing."""
    assert parse_integer({"n": text}, "n", 1, 20) == number


@pytest.mark.parametrize("text", ["0", "21", "-1", "+1", "1.0", " 1", "1e1", "\u0663", "\u00b2", "1" * 5_000])
def test_anything_else_is_refused(text: str) -> None:
    """Other digits than ASCII are not read, and a long text is cut in the error."""
    with pytest.raises(InvalidInput, match=r"^n must be cats, an integer from 1 to 20, not '.{1,40}'$") as refused:
        parse_integer({"n": text}, "n", 1, 20, "cats, ")

    assert (refused.value.field, refused.value.code) == ("n", "invalid_parameter")


def test_what_is_left_open() -> None:
    """A page has 100 rows; the others are None."""
    assert parse_limit({}) == 100
    assert parse_limit({"limit": "1000"}) == 1_000
    assert (parse_subaccount({}), parse_seconds({}, "min_ts"), parse_name({}, "ticker")) == (None, None, None)


def test_milliseconds_are_not_taken_for_seconds() -> None:
    """They would be a time that no date has."""
    assert parse_seconds({"min_ts": "253402300799"}, "min_ts") == 253_402_300_799
    with pytest.raises(InvalidInput, match=r"^min_ts must be Unix seconds, an integer from 0 to 253402300799"):
        parse_seconds({"min_ts": "1701388800000"}, "min_ts")


def test_name_that_cannot_be_one_is_refused() -> None:
    """An id or ticker that nobody has is taken, and finds nothing."""
    assert parse_name({"ticker": "KX-1.5"}, "ticker") == "KX-1.5"
    with pytest.raises(InvalidInput, match=r"^ticker must be 1-128 printable ASCII .* without spaces, not 'a b'$"):
        parse_name({"ticker": "a b"}, "ticker")
