"""What single fields of a scenario may hold. Each type describes itself, for errors and for the published schema.

A number is taken as it is written: `0.40` is the text "0.40" and never a float. So the schema lets an editor read it as
either.
"""

from typing import Annotated

from msgspec import Meta

from openpositions.wire.ingest.field_types import MAX_SUBACCOUNT
from openpositions.wire.names import LONGEST_NAME, NAME, NAME_CHARACTERS

MOST_STEPS = 10_000
MOST_EVENTS = 100_000
"""Of one scenario, repetitions counted."""
LONGEST_MS = 7 * 24 * 3_600_000
"""A week: the latest moment of a scenario, and the longest pause in it."""

DECIMAL = "decimal"
"""The format of a number that is taken as text; an editor that reads YAML sees one."""

_NUMBER = {"format": DECIMAL}

Word = Annotated[str, Meta(pattern=f"^{NAME_CHARACTERS}{{1,{LONGEST_NAME}}}$", description=NAME)]
Line = Annotated[
    str,
    Meta(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500, description="one line of text, at most 500 characters"),
]
Price = Annotated[
    str,
    Meta(
        pattern=r"^0?\.(?!0+$)[0-9]{1,4}$",
        description="a price from 0.0001 to 0.9999 dollar, at most 4 decimals",
        extra_json_schema=_NUMBER,
    ),
]
Value = Annotated[
    str,
    Meta(
        pattern=r"^(0?\.[0-9]{1,4}|0|1(\.0{1,4})?)$",
        description="a value from 0 to 1 dollar, at most 4 decimals",
        extra_json_schema=_NUMBER,
    ),
]
Count = Annotated[
    str,
    Meta(
        pattern=r"^(?=.*[1-9])[0-9]{1,10}(\.[0-9]{1,2})?$",
        description="a count of contracts above 0, at most 2 decimals",
        extra_json_schema=_NUMBER,
    ),
]
NetCount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$",
        description="a count of contracts, NO negative, at most 2 decimals",
        extra_json_schema=_NUMBER,
    ),
]
Money = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$",
        description="an amount in dollars, at most 6 decimals",
        extra_json_schema=_NUMBER,
    ),
]
UNKNOWN = "unknown"
Valuation = Annotated[
    str,
    Meta(
        pattern=rf"^(-?[0-9]{{1,12}}(\.[0-9]{{1,6}})?|{UNKNOWN})$",
        description=f"an amount in dollars, at most 6 decimals, or {UNKNOWN}",
        extra_json_schema=_NUMBER,
    ),
]
Subaccount = Annotated[int, Meta(ge=0, le=MAX_SUBACCOUNT, description="the number of a subaccount")]
OffsetMs = Annotated[int, Meta(ge=0, le=LONGEST_MS, description="milliseconds, at most a week")]
Repetitions = Annotated[int, Meta(ge=1, le=MOST_EVENTS, description="how many times")]
