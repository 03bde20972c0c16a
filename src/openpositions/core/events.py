"""What can be fed in, one immutable value per kind of event.

The journal stores the array form of these structs, so their field order is a storage format: a field may be added at
the end with a default, never moved or removed.
"""

from typing import NamedTuple, TypeAlias

import msgspec

from openpositions.core.position import Position, RowKey


class Fill(msgspec.Struct, frozen=True, array_like=True, tag="fill", gc=False):
    """An execution that changed one user's holding; a trade has two."""

    trade_id: str
    user_id: str
    subaccount: int
    market_ticker: str
    acquires_yes: bool
    """The side acquired: YES when true, NO when false."""
    yes_price_bp: int
    count_centi: int
    fee_micros: int | None
    """None when the feeder stated none, which counts as 0; negative for a rebate."""
    ts_ms: int
    is_taker: bool = False
    order_id: str = ""
    client_order_id: str = ""


class Settlement(msgspec.Struct, frozen=True, array_like=True, tag="settlement", gc=False):
    """The final value of a market, which closes every position in it."""

    market_ticker: str
    result: str
    """yes, no, scalar or void; or AS_DETERMINED from a venue's frame that names none, until it is decided."""
    value_bp: int | None
    """What a YES contract pays; None for `void`, where each position is paid its cost."""
    ts_ms: int


class Determination(msgspec.Struct, frozen=True, array_like=True, tag="determination", gc=False):
    """The outcome a venue announced for a market before it settles it."""

    market_ticker: str
    result: str
    value_bp: int | None
    ts_ms: int


class Adjustment(msgspec.Struct, frozen=True, array_like=True, tag="adjustment", gc=False):
    """Signed changes of a position with a reason; an opening balance is one."""

    adjustment_id: str
    user_id: str
    subaccount: int
    market_ticker: str
    position_centi: int
    cost_micros: int
    realized_pnl_micros: int
    fees_paid_micros: int
    cash_micros: int
    reason: str
    ts_ms: int


class Bust(msgspec.Struct, frozen=True, array_like=True, tag="bust", gc=False):
    """A trade that did not happen, for both users or for one."""

    bust_id: str
    trade_id: str
    user_id: str | None
    """The one user it did not happen for; None for everybody in the trade."""
    subaccount: int | None
    ts_ms: int
    fills: tuple[int, ...] = ()
    """Sequences of the busted fills, filled in when the bust is decided."""
    rows: tuple[Position, ...] = ()
    """The rows that result, filled in when the bust is decided."""


class Cash(msgspec.Struct, frozen=True, array_like=True, tag="cash", gc=False):
    """A deposit (positive) or withdrawal (negative) of a user's subaccount."""

    cash_id: str
    user_id: str
    subaccount: int
    amount_micros: int
    ts_ms: int


class Declaration(msgspec.Struct, frozen=True, array_like=True, tag="market", gc=False):
    """The event ticker and the title of a market."""

    market_ticker: str
    event_ticker: str
    title: str
    ts_ms: int


class Mark(msgspec.Struct, frozen=True, array_like=True, tag="mark", gc=False):
    """The price used for the valuation of a market."""

    market_ticker: str
    yes_price_bp: int | None
    """None says that the price is unknown now."""
    ts_ms: int


Event: TypeAlias = Fill | Settlement | Determination | Adjustment | Bust | Cash | Declaration | Mark

AS_DETERMINED = "as determined"


class Entry(NamedTuple):
    """An event to which the journal gave a sequence."""

    sequence: int
    event: Event


def row_key_of(event: Event) -> RowKey | None:
    """The row that a fill or an adjustment changes; None for other kinds."""
    if isinstance(event, (Fill, Adjustment)):  # a union of them would be made anew at every call
        return event.user_id, event.subaccount, event.market_ticker
    return None
