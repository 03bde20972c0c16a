"""What is said over the socket, as types, for its description: what `wire.socket.commands` takes and the encoders make.

The encoders write many of these frames without such an object, which would cost time; the tests hold the two together.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from openpositions.wire.ingest.field_types import Id
from openpositions.wire.socket.commands import CHANNELS, MAX_CONFLATE_MS, MIN_CONFLATE_MS
from openpositions.wire.socket.frames import Position2025, Position2026, PositionBoth

Channel: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(CHANNELS)})]
Side: TypeAlias = Literal["yes", "no"]

# ------------------------------------------------------------ commands


class ResumePoint(Struct):
    """The highest sequence that was seen, and of which epoch."""

    epoch: str
    sequence: Annotated[int, Meta(ge=0)]


class PlainSubscribeParams(Struct):
    """Channels, and the markets they are kept to; every market where none is named."""

    channels: Annotated[list[Channel], Meta(min_length=1)]
    market_ticker: Id | None = None
    market_tickers: list[Id] | None = None


class SubscribeParams(PlainSubscribeParams):
    """The same, and what `market_positions` may be extended with."""

    send_initial_snapshot: bool | None = None
    extended: bool | None = None
    resume: ResumePoint | None = None
    conflate_ms: Annotated[int, Meta(ge=MIN_CONFLATE_MS, le=MAX_CONFLATE_MS)] | None = None


class UnsubscribeParams(Struct):
    """Subscriptions to end."""

    sids: Annotated[list[int], Meta(min_length=1)]


class UpdateParams(Struct):
    """The one subscription whose filter changes, and the markets that come or go."""

    action: Literal["add_markets", "delete_markets"]
    sid: int | None = None
    sids: Annotated[list[int], Meta(max_length=1)] | None = None
    market_ticker: Id | None = None
    market_tickers: list[Id] | None = None


# ------------------------------------------------------------ replies


class Subscribed(Struct):
    """The channel has this sid. `recovered` answers a resume, `conflate_ms` repeats what was asked for."""

    channel: Channel
    sid: int
    recovered: bool | UnsetType = UNSET
    conflate_ms: int | UnsetType = UNSET


class Subscription(Struct):
    """An open subscription."""

    channel: Channel
    sid: int


class Filter(Struct):
    """The whole filter; empty for every market."""

    market_tickers: list[str]


# ------------------------------------------------------------ data


class Cause(Struct):
    """What changed a row; the id of a settlement is its market."""

    type: Literal["fill", "settlement", "adjustment", "bust"]
    id: str


class MarketPosition2025(Position2025):
    """The row in dialect 2025: whole contracts, and centi-cents (1/10,000 dollar). The last three where extended."""

    sequence: int | UnsetType = UNSET
    ts_ms: int | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET


class MarketPosition2026(Position2026):
    """The row in dialect 2026: exact texts. The last three where extended."""

    sequence: int | UnsetType = UNSET
    ts_ms: int | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET


class MarketPositionBoth(PositionBoth):
    """The row in both dialects. The last three where extended."""

    sequence: int | UnsetType = UNSET
    ts_ms: int | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET


class SnapshotEnd(Struct):
    """How many rows the snapshot had, and the sequence that they are as of."""

    rows: int
    epoch: str
    sequence: int


class _Execution(Struct, kw_only=True):
    trade_id: str
    order_id: str
    market_ticker: str
    is_taker: bool
    side: Side
    action: Literal["buy"]
    fee_cost: str
    outcome_side: Side
    book_side: Literal["bid", "ask"]
    purchased_side: Side
    ts: int
    ts_ms: int


class Fill2025(_Execution, kw_only=True):
    """A fill in dialect 2025: cents and whole contracts."""

    yes_price: int
    no_price: int
    count: int
    post_position: int


class Fill2026(_Execution, kw_only=True):
    """A fill in dialect 2026: exact texts."""

    yes_price_dollars: str
    no_price_dollars: str
    count_fp: str
    post_position_fp: str
    exchange_index: int
    subaccount: int | UnsetType = UNSET


class FillBoth(Fill2026, kw_only=True):
    """A fill in both dialects."""

    yes_price: int
    no_price: int
    count: int
    post_position: int


class Notice(Struct):
    """The service is about to stop, as planned."""

    event: Literal["shutdown"]
