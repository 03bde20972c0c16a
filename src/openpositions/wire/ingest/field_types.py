"""What a single field of an event may hold, as types that describe themselves in errors and in the API description.

A number is text, or an integer where the venue's 2025 form has one. A JSON number with a point is refused, because it
may have been rounded before it came here.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from openpositions.wire.names import LONGEST_NAME, NAME, NAME_CHARACTERS

MAX_SUBACCOUNT = 2**31 - 1
MAX_TS_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: what a date can still show."""

# What a plain `str` says of the characters, the readers check: in one step for all ids of a message.
_NAME_CHARACTERS = {"pattern": f"^{NAME_CHARACTERS}*$"}

Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_NAME,
        description=f"text of {NAME}",
        extra_json_schema=_NAME_CHARACTERS,
    ),
]
OrderId = Annotated[
    str,
    Meta(
        max_length=LONGEST_NAME,
        description=f"text of at most {LONGEST_NAME} printable ASCII characters without spaces",
        extra_json_schema=_NAME_CHARACTERS,
    ),
]
Words = Annotated[str, Meta(min_length=1, max_length=1000, description="one line of 1-1000 characters")]
Title = Annotated[str, Meta(max_length=1000, description="one line of at most 1000 characters")]

Price = Annotated[str, Meta(description='text such as "0.5600"')]
Cents = Annotated[int, Meta(ge=0, le=100, description="an integer from 0 to 100 cents")]
Count = Annotated[str, Meta(description='text such as "10.00"')]
WholeCount = Annotated[int, Meta(ge=0, description="an integer; a part of a contract is stated as text in count_fp")]
Money = Annotated[str, Meta(description='text such as "0.1700"')]

Subaccount = Annotated[int, Meta(ge=0, le=MAX_SUBACCOUNT, description=f"an integer from 0 to {MAX_SUBACCOUNT}")]
Milliseconds = Annotated[
    int, Meta(ge=0, le=MAX_TS_MS, description=f"Unix milliseconds, an integer from 0 to {MAX_TS_MS}")
]
Instant = Annotated[
    Annotated[int, Meta(ge=0, le=MAX_TS_MS // 1000)] | Annotated[datetime, Meta(tz=True)],
    Meta(description='Unix seconds, an integer, or RFC 3339 text such as "2023-12-01T00:00:00Z"'),
]

Outcome = Annotated[Literal["yes", "no"], Meta(description="yes or no")]
BookSide = Annotated[Literal["bid", "ask"], Meta(description="bid or ask")]
Result = Annotated[Literal["yes", "no", "scalar", "void"], Meta(description="yes, no, scalar or void")]
Label = Annotated[str, Meta(description="text")]
"""A word of the venue's, looked at only where nothing plainer was stated."""
Flag = Annotated[bool, Meta(description="true or false")]
