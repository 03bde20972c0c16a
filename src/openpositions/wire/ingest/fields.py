"""Checks of single values, after their types: what passes comes back in core units, anything else names its field."""

import json
import re
from datetime import datetime

from openpositions.core.money import MONEY_DECIMALS, parse_fixed, parse_often_met
from openpositions.errors import InvalidInput, MalformedNumber
from openpositions.wire.ingest.field_types import MAX_TS_MS
from openpositions.wire.names import has_name_characters
from openpositions.wire.times import to_ms

# Several fields state the same quantity, and whoever handles a mistake cares for the quantity.
_QUANTITY = {
    "yes_price_dollars": "price",
    "no_price_dollars": "price",
    "yes_price": "price",
    "no_price": "price",
    "price_dollars": "price",
    "yes_bid_dollars": "price",
    "yes_ask_dollars": "price",
    "yes_bid": "price",
    "yes_ask": "price",
    "fee_cost": "fee",
    "outcome_side": "side",
    "book_side": "side",
    "purchased_side": "side",
    "subaccount_number": "subaccount",
    "ts_ms": "ts",
    "created_time": "ts",
    "determination_ts": "ts",
    "settled_ts": "ts",
}
_LONGEST_SHOWN = 48

_breaks_line = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]").search


def shown(value: object) -> str:
    """A value as JSON in ASCII, shortened, so that a message with it is one readable line whatever was fed in."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value[:_LONGEST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


def invalid(field: str, message: str) -> InvalidInput:
    """The error for a field; its code names the quantity that the field states, as in `invalid_price`."""
    quantity = _QUANTITY.get(field) or field.removesuffix("_dollars").removesuffix("_fp")
    return InvalidInput(field, message, code=f"invalid_{quantity}")


def must_be(field: str, allowed: str, value: object) -> InvalidInput:
    """The error for a field whose value is not what is allowed."""
    return invalid(field, f"{field} must be {allowed}, not {shown(value)}")


def missing(field: str, hint: str = "") -> InvalidInput:
    """The error for a required field that is absent."""
    return InvalidInput(field, f"{field} is missing{hint}", code="missing_field")


def check_ids(**ids: str | None) -> None:
    """Refuses an id or ticker with another character than printable ASCII, or with a space."""
    for field, text in ids.items():
        if text and not has_name_characters(text):
            raise must_be(field, "text of printable ASCII characters without spaces", text)


def check_line(field: str, text: str) -> str:
    """Text for people, in any script; refused if it has control characters or line breaks."""
    if _breaks_line(text):
        raise must_be(field, "one line without control characters", text)
    return text


def decimal(field: str, text: str | None, decimals: int) -> int | None:
    """The number that a field writes, in units of 10^-decimals; None when it is absent."""
    if text is None:
        return None
    try:
        return parse_fixed(text, decimals) if decimals == MONEY_DECIMALS else parse_often_met(text, decimals)
    except MalformedNumber as error:
        raise invalid(field, f"{field}: {error}") from None


def decimal_or_integer(
    field: str, text: str | None, decimals: int, integer_field: str, integer: int | None
) -> int | None:
    """A number that comes as text, as the 2025 integer (cents, contracts), or as both; None when it is absent.

    The text wins; the integer, a rounded view of it, must lie within one unit of it (interfaces, "Events in").
    """
    if integer is None:
        return decimal(field, text, decimals)
    exact = decimal(field, text, decimals)
    # A cent is 100 of our units of a price, a contract 100 of our units of a count.
    if exact is None:
        return integer * 100
    if abs(integer * 100 - exact) > 100:  # noqa: PLR2004 - as above
        raise invalid(integer_field, f"{integer_field} {integer} must lie within 1 of {field} {shown(text)}")
    return exact


def time_ms(ts_ms: int | None, instant: int | datetime | None, arrival_ts_ms: int, instant_field: str = "ts") -> int:
    """When it happened: the milliseconds, else the seconds or the date without what is finer, else the arrival."""
    if ts_ms is not None:
        return ts_ms
    if instant is None:
        return arrival_ts_ms
    if isinstance(instant, int):
        return instant * 1000
    since_epoch_ms = to_ms(instant)
    if not 0 <= since_epoch_ms <= MAX_TS_MS:
        raise must_be(instant_field, "a time from 1970 to 9999 (UTC)", instant.isoformat())
    return since_epoch_ms
