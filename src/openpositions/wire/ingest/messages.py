"""The JSON form of each event, as types: what is required, and what may be absent or null.

They decode a line in one step and give the schemas of the API description. Fields not named here are ignored. The rules
between fields are in the modules that read a message.
"""

from typing import TypeAlias

from msgspec import Struct

from openpositions.wire.ingest.field_types import (
    BookSide,
    Cents,
    Count,
    Flag,
    Id,
    Instant,
    Label,
    Milliseconds,
    Money,
    OrderId,
    Outcome,
    Price,
    Result,
    Subaccount,
    Title,
    WholeCount,
    Words,
)


class FillMessage(Struct, gc=False):
    """An execution of one user. A side, a price and a count are required, each in one of its forms."""

    trade_id: Id
    user_id: Id
    market_ticker: Id
    outcome_side: Outcome | None = None
    book_side: BookSide | None = None
    purchased_side: Label | None = None
    action: Label | None = None
    side: Label | None = None
    yes_price_dollars: Price | None = None
    no_price_dollars: Price | None = None
    yes_price: Cents | None = None
    no_price: Cents | None = None
    count_fp: Count | None = None
    count: WholeCount | None = None
    fee_cost: Money | None = None
    is_taker: Flag | None = None
    order_id: OrderId | None = None
    client_order_id: OrderId | None = None
    subaccount: Subaccount | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None
    subaccount_number: Subaccount | None = None
    """The subaccount in a REST row; it, `fill_id` and `created_time` tell such a row."""
    fill_id: Label | None = None
    created_time: Label | None = None


class RestFillRow(Struct, gc=False):
    """What a row of the venue's REST reads says in other words than a frame."""

    trade_id: Id | None = None
    fill_id: Id | None = None
    market_ticker: Id | None = None
    ticker: Id | None = None
    side: Outcome | None = None
    """The side acquired, where the row has neither `outcome_side` nor `book_side`."""
    created_time: Instant | None = None
    """Finer than `ts`."""
    ts: Instant | None = None
    yes_price_dollars: Price | None = None
    yes_price_fixed: Price | None = None
    """What the 2025 rows have in its place; likewise for NO."""
    no_price_dollars: Price | None = None
    no_price_fixed: Price | None = None


class SettlementMessage(Struct, gc=False):
    """The final value of a market."""

    market_ticker: Id
    result: Result
    settlement_value_dollars: Price | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class LifecycleMessage(Struct, gc=False):
    """The venue's `market_lifecycle_v2`; `determined` and `settled` are taken."""

    market_ticker: Id
    event_type: Label
    result: Result | None = None
    settlement_value: Price | None = None
    determination_ts: Instant | None = None
    settled_ts: Instant | None = None
    ts_ms: Milliseconds | None = None


class TickerMessage(Struct, gc=False):
    """The prices of a market."""

    market_ticker: Id
    price_dollars: Price | None = None
    yes_bid_dollars: Price | None = None
    yes_ask_dollars: Price | None = None
    price: Cents | None = None
    yes_bid: Cents | None = None
    yes_ask: Cents | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class AdjustmentMessage(Struct, gc=False):
    """Signed changes of a position, and the reason for them."""

    adjustment_id: Id
    user_id: Id
    market_ticker: Id
    reason: Words
    position_fp: Count | None = None
    cost_dollars: Money | None = None
    realized_pnl_dollars: Money | None = None
    fees_paid_dollars: Money | None = None
    cash_dollars: Money | None = None
    subaccount: Subaccount | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class BustMessage(Struct, gc=False):
    """A trade that did not happen; `user_id` and `subaccount` limit it to one side."""

    bust_id: Id
    trade_id: Id
    user_id: Id | None = None
    subaccount: Subaccount | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class CashMessage(Struct, gc=False):
    """A deposit, or with a minus a withdrawal."""

    cash_id: Id
    user_id: Id
    amount_dollars: Money
    subaccount: Subaccount | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class MarketMessage(Struct, gc=False):
    """The event ticker and the title of a market."""

    market_ticker: Id
    event_ticker: Id
    title: Title | None = None
    ts_ms: Milliseconds | None = None
    ts: Instant | None = None


class FillFrame(Struct, tag_field="type", tag="fill", gc=False):
    """`{"type":"fill","msg":…}`."""

    msg: FillMessage


class SettlementFrame(Struct, tag_field="type", tag="settlement", gc=False):
    """`{"type":"settlement","msg":…}`."""

    msg: SettlementMessage


class LifecycleFrame(Struct, tag_field="type", tag="market_lifecycle_v2", gc=False):
    """`{"type":"market_lifecycle_v2","msg":…}`."""

    msg: LifecycleMessage


class TickerFrame(Struct, tag_field="type", tag="ticker", gc=False):
    """`{"type":"ticker","msg":…}`."""

    msg: TickerMessage


class AdjustmentFrame(Struct, tag_field="type", tag="adjustment", gc=False):
    """`{"type":"adjustment","msg":…}`."""

    msg: AdjustmentMessage


class BustFrame(Struct, tag_field="type", tag="bust", gc=False):
    """`{"type":"bust","msg":…}`."""

    msg: BustMessage


class CashFrame(Struct, tag_field="type", tag="cash", gc=False):
    """`{"type":"cash","msg":…}`."""

    msg: CashMessage


class MarketFrame(Struct, tag_field="type", tag="market", gc=False):
    """`{"type":"market","msg":…}`."""

    msg: MarketMessage


Frame: TypeAlias = (
    FillFrame | SettlementFrame | TickerFrame | AdjustmentFrame | BustFrame | CashFrame | MarketFrame | LifecycleFrame
)
"""One event as it is fed in: `{"type": …, "msg": {…}}`."""

Message: TypeAlias = (
    FillMessage
    | SettlementMessage
    | TickerMessage
    | AdjustmentMessage
    | BustMessage
    | CashMessage
    | MarketMessage
    | LifecycleMessage
)
"""What one frame says."""
