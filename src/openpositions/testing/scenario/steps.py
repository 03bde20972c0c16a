"""What a scenario says, as types (pure: no clock, no I/O). The schema and the reading of files follow from them."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from openpositions.testing.scenario.forms import (
    MOST_STEPS,
    Count,
    Line,
    Money,
    NetCount,
    OffsetMs,
    Price,
    Repetitions,
    Subaccount,
    Valuation,
    Value,
    Word,
)
from openpositions.wire.sandbox.faults import Fault


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A misspelt field is refused, because what it meant would silently not happen."""


class Trade(_Part, frozen=True, kw_only=True):
    """A trade of two users: the buyer acquires YES at the price, the seller NO at 1 dollar less the price."""

    buyer: Word
    seller: Word
    ticker: Word
    price: Price
    count: Count
    buyer_fee: Money = "0"
    seller_fee: Money = "0"
    id: Word | None = None
    """The trade's id; by default made of the scenario's name and the number of the step."""


class Fill(_Part, frozen=True, kw_only=True):
    """One side of a trade, whose other side nobody hears of."""

    user: Word
    ticker: Word
    side: Literal["yes", "no"] = "yes"
    """The side acquired."""
    price: Price
    """Of the side acquired."""
    count: Count
    fee: Money = "0"
    subaccount: Subaccount = 0
    order_id: Word | None = None
    id: Word | None = None
    """The trade's id, as in a trade."""


class Settle(_Part, frozen=True, kw_only=True):
    """The final value of a market."""

    ticker: Word
    result: Literal["yes", "no", "scalar", "void"]
    value: Value | None = None
    """What a YES pays; given exactly when the result is scalar."""


class Mark(_Part, frozen=True, kw_only=True):
    """The last price of a market, used for valuation."""

    ticker: Word
    price: Price


class Bust(_Part, frozen=True, kw_only=True):
    """A trade that did not happen, for both users or for one."""

    trade: Word
    """The id of the trade."""
    user: Word | None = None
    subaccount: Subaccount | None = None
    id: Word | None = None


class Cash(_Part, frozen=True, kw_only=True):
    """A deposit, or with a minus a withdrawal."""

    user: Word
    amount: Money
    subaccount: Subaccount = 0
    id: Word | None = None


class Adjust(_Part, frozen=True, kw_only=True):
    """Signed changes of a row and of cash."""

    user: Word
    ticker: Word
    position: NetCount = "0"
    cost: Money = "0"
    realized_pnl: Money = "0"
    fees_paid: Money = "0"
    cash: Money = "0"
    reason: Line
    subaccount: Subaccount = 0
    id: Word | None = None


class Declare(_Part, frozen=True, kw_only=True):
    """The event and the title of a market."""

    ticker: Word
    event: Word
    title: Line = ""


class ExpectedRow(_Part, frozen=True, kw_only=True):
    """A row that must be there; of its numbers, those given are compared, exactly."""

    user: Word
    ticker: Word
    subaccount: Subaccount = 0
    position: NetCount | None = None
    cost: Money | None = None
    realized_pnl: Money | None = None
    fees_paid: Money | None = None
    fee_cost: Money | None = None
    """Fees of the contracts still held."""
    volume: NetCount | None = None
    total_traded: Money | None = None
    market_value: Valuation | None = None
    """At the mark of the market; unknown while it has none and the row is not flat."""
    unrealized_pnl: Valuation | None = None

    NUMBERS: ClassVar = (
        "position",
        "cost",
        "realized_pnl",
        "fees_paid",
        "fee_cost",
        "volume",
        "total_traded",
        "market_value",
        "unrealized_pnl",
    )

    def stated(self) -> dict[str, str]:
        """The numbers that are compared."""
        return {name: text for name in self.NUMBERS if (text := getattr(self, name)) is not None}


Event = Trade | Fill | Settle | Mark | Bust | Cash | Adjust | Declare
Rows = Annotated[tuple[ExpectedRow, ...], Meta(min_length=1, max_length=1000, description="a list of rows")]


class Step(_Part, frozen=True, kw_only=True):
    """One thing that happens, or is checked, at a moment."""

    at_ms: OffsetMs | None = None
    """When, from the beginning; by default when the step before is done. Never before the moment of that."""
    times: Repetitions = 1
    """How many times the event happens; ids are numbered then."""
    every_ms: OffsetMs = 0
    """The time from one repetition to the next."""
    outcome: Word = "accepted"
    """What the service must answer: accepted, duplicate, or the code of a refusal such as conflict."""
    trade: Trade | None = None
    fill: Fill | None = None
    settle: Settle | None = None
    mark: Mark | None = None
    bust: Bust | None = None
    cash: Cash | None = None
    adjust: Adjust | None = None
    declare: Declare | None = None
    fault: Fault | None = None
    """What goes wrong, in the form of `POST /v1/faults`."""
    expect: Rows | None = None
    """Rows as they must be now."""


ACTIONS = ("trade", "fill", "settle", "mark", "bust", "cash", "adjust", "declare", "fault", "expect")
"""The fields of a step of which it has exactly one."""


class Scenario(_Part, frozen=True, kw_only=True):
    """A story that is played to a service."""

    scenario: Word
    """Its name, which goes into the ids it makes."""
    about: Line = ""
    start: Annotated[datetime, Meta(tz=True, description="a time with its zone, as 2026-01-01T00:00:00Z")] | None = None
    """The moment 0 of virtual time; 2026-01-01T00:00:00Z by default."""
    steps: Annotated[
        tuple[Step, ...], Meta(min_length=1, max_length=MOST_STEPS, description=f"a list of 1 to {MOST_STEPS} steps")
    ]


def action_of(step: Step) -> tuple[str, Any]:
    """The name of what a step does, and its content. A step that was read has exactly one."""
    return next((name, content) for name in ACTIONS if (content := getattr(step, name)) is not None)
