"""A row as a service sends it, typed: from a frame of either dialect, or from a row of the REST reads.

What the service did not send is None, never 0: a 2025 frame knows no fee cost, a REST row no volume, and only a service
with extensions knows sequences and causes.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import msgspec

from openpositions.client.exact import ZERO, scaled
from openpositions.errors import InvalidInput
from openpositions.wire.times import from_ms

RowKey: TypeAlias = tuple[str, int]
"""Market ticker and subaccount: what tells the rows of one user apart."""


class Cause(msgspec.Struct, frozen=True, gc=False):
    """What changed a row: `type` is fill, settlement, adjustment or bust, `id` names which."""

    type: str
    id: str


class PositionRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The whole state of one position after a change. Counts are in contracts, money in dollars, both exact."""

    user_id: str | None
    """None until a frame has said so: REST rows do not."""
    market_ticker: str
    subaccount: int
    position: Decimal
    """Contracts held, net: YES positive, NO negative."""
    cost: Decimal
    """What was paid for the contracts held, fees excluded."""
    realized_pnl: Decimal | None
    """Before fees; None where the market was settled while disconnected, and the service does not tell it exactly."""
    fees_paid: Decimal | None
    """Of every fill ever; None where the market is gone and the service does not tell."""
    fee_cost: Decimal | None = None
    """Fees of the contracts still held; None where the service does not send it."""
    volume: Decimal | None = None
    """Contracts acquired, both sides; None where the service does not send it."""
    sequence: int | None = None
    """That of the change in the service's journal; None from a service without extensions."""
    time: datetime | None = None
    """When the change happened, UTC; None where the service does not send it."""
    cause: Cause | None = None
    """What changed it; None for a row of a snapshot or a resume, and without extensions."""
    conflated: int = 0
    """How many earlier changes of the row were merged into this one, because its reader was slow."""

    @property
    def is_open(self) -> bool:
        """Whether anything is held. What costs something is, though a frame of 2025 drops a part of a contract."""
        return bool(self.position or self.cost)

    @property
    def key(self) -> RowKey:
        """What tells this row apart from the user's others."""
        return self.market_ticker, self.subaccount


class _FrameMessage(msgspec.Struct, gc=False):
    """The `msg` of a `market_position` frame, of 2025 (integers), 2026 (texts) or both."""

    market_ticker: str
    user_id: str | None = None
    subaccount: int = 0
    position: int | None = None
    position_cost: int | None = None
    realized_pnl: int | None = None
    fees_paid: int | None = None
    volume: int | None = None
    position_fp: Decimal | None = None
    position_cost_dollars: Decimal | None = None
    realized_pnl_dollars: Decimal | None = None
    fees_paid_dollars: Decimal | None = None
    position_fee_cost_dollars: Decimal | None = None
    volume_fp: Decimal | None = None
    sequence: int | None = None
    ts_ms: int | None = None
    cause: Cause | None = None


class _RestRow(msgspec.Struct, gc=False):
    """One of the `market_positions` of a REST read; the integers are cents."""

    ticker: str
    position: int | None = None
    position_fp: Decimal | None = None
    market_exposure: int | None = None
    market_exposure_dollars: Decimal | None = None
    realized_pnl: int | None = None
    realized_pnl_dollars: Decimal | None = None
    fees_paid: int | None = None
    fees_paid_dollars: Decimal | None = None
    last_updated_ts: datetime | None = None


class RestPositions(msgspec.Struct):
    """A page of `GET …/portfolio/positions`."""

    market_positions: list[_RestRow]
    cursor: str = ""


_decode_message = msgspec.json.Decoder(_FrameMessage).decode

# Centi-cents of a 2025 frame, cents of a REST row, and whole contracts, as powers of ten of a dollar or contract.
_CENTI_CENTS, _CENTS, _WHOLE = -4, -2, 0


def row_of_frame(message: msgspec.Raw, conflated: int = 0) -> PositionRow:
    """The row of a `market_position` frame. Raises InvalidInput when it is none."""
    try:
        frame = _decode_message(message)
    except msgspec.ValidationError as error:
        raise InvalidInput("market_position", f"a market_position frame is malformed: {error}") from None
    volume_known = frame.volume_fp is not None or frame.volume is not None
    return PositionRow(
        user_id=frame.user_id,
        market_ticker=frame.market_ticker,
        subaccount=frame.subaccount,
        position=_amount("position", frame.position_fp, frame.position, _WHOLE),
        cost=_amount("position_cost", frame.position_cost_dollars, frame.position_cost, _CENTI_CENTS),
        realized_pnl=_amount("realized_pnl", frame.realized_pnl_dollars, frame.realized_pnl, _CENTI_CENTS),
        fees_paid=_amount("fees_paid", frame.fees_paid_dollars, frame.fees_paid, _CENTI_CENTS),
        fee_cost=frame.position_fee_cost_dollars,
        volume=_amount("volume", frame.volume_fp, frame.volume, _WHOLE) if volume_known else None,
        sequence=frame.sequence,
        time=None if frame.ts_ms is None else time_of(frame.ts_ms),
        cause=frame.cause,
        conflated=conflated,
    )


def row_of_rest(rest: _RestRow, user_id: str | None, subaccount: int) -> PositionRow:
    """The row of a REST read of one subaccount. Raises InvalidInput when an amount is missing."""
    return PositionRow(
        user_id=user_id,
        market_ticker=rest.ticker,
        subaccount=subaccount,
        position=_amount("position", rest.position_fp, rest.position, _WHOLE),
        cost=_amount("market_exposure", rest.market_exposure_dollars, rest.market_exposure, _CENTS),
        realized_pnl=_amount("realized_pnl", rest.realized_pnl_dollars, rest.realized_pnl, _CENTS),
        fees_paid=_amount("fees_paid", rest.fees_paid_dollars, rest.fees_paid, _CENTS),
        time=rest.last_updated_ts,
    )


def time_of(ts_ms: int) -> datetime:
    """Unix milliseconds as a time. Raises InvalidInput for one beyond the year 9999."""
    try:
        return from_ms(ts_ms)
    except OverflowError:
        raise InvalidInput("ts_ms", f"ts_ms {ts_ms} is beyond the year 9999") from None


def as_never_held(row: PositionRow, sequence: int) -> PositionRow:
    """A row that the history of its service does not have: nothing was ever held or paid."""
    return msgspec.structs.replace(
        row,
        position=ZERO,
        cost=ZERO,
        realized_pnl=ZERO,
        fees_paid=ZERO,
        fee_cost=ZERO,
        volume=ZERO,
        sequence=sequence,
        time=None,
        cause=None,
        conflated=0,
    )


def same_state(one: PositionRow, other: PositionRow) -> bool:
    """Whether two states of a row are the same; what caused them does not count."""
    return _amounts(one) == _amounts(other) and one.sequence == other.sequence


def same_amounts(one: PositionRow, other: PositionRow) -> bool:
    """Whether two rows agree in the four amounts that frames and REST reads share."""
    return _amounts(one)[:4] == _amounts(other)[:4]


class _Amounts(NamedTuple):
    position: Decimal
    cost: Decimal
    realized_pnl: Decimal | None
    fees_paid: Decimal | None
    fee_cost: Decimal | None
    volume: Decimal | None


def _amounts(row: PositionRow) -> _Amounts:
    return _Amounts(row.position, row.cost, row.realized_pnl, row.fees_paid, row.fee_cost, row.volume)


def _amount(name: str, exact: Decimal | None, units: int | None, exponent: int) -> Decimal:
    """The exact text where there is one, else the integer. Its digits never pass through a decimal context."""
    if exact is not None:
        if not exact.is_finite():
            raise InvalidInput(name, f"{name} is {exact}, which is no amount")
        return exact
    if units is None:
        raise InvalidInput(name, f"{name} is missing, in both of its forms")
    return scaled(units, exponent)
