"""Frames of the `market_positions` channel, in both dialects, and the envelope of every data frame (protocol, 3).

The integers of dialect 2025 are a view: counts drop fractions toward zero, money is in centi-cents (1/10,000 dollar)
rounded half to even. The texts of dialect 2026 are exact. `both` carries the 2025 names first.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from openpositions.core.draft import Change
from openpositions.core.identity import identity_of
from openpositions.core.money import (
    CENTI_CENT_MICROS,
    divide_half_even,
    format_count,
    format_dollars,
    format_price,
    whole_contracts,
)
from openpositions.core.position import Position

_HALF_MICROS = CENTI_CENT_MICROS // 2
# The fifth and sixth decimal of dollars, as far as the value needs them.
_BEYOND_CENTI_CENTS = tuple(f"{micros:02d}".rstrip("0") for micros in range(CENTI_CENT_MICROS))


class Dialect(StrEnum):
    """Which names and number forms a connection is spoken to in."""

    D2025 = "2025"
    D2026 = "2026"
    BOTH = "both"


class Position2025(msgspec.Struct, gc=False):
    """The whole row, as the original page has it."""

    user_id: str
    market_ticker: str
    position: int
    position_cost: int
    realized_pnl: int
    fees_paid: int
    volume: int


class Position2026(msgspec.Struct, omit_defaults=True, gc=False):
    """The whole row, under today's names."""

    user_id: str
    market_ticker: str
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    position_fee_cost_dollars: str
    volume_fp: str
    subaccount: int = 0


class PositionBoth(msgspec.Struct, omit_defaults=True, gc=False):
    """The whole row, in both."""

    user_id: str
    market_ticker: str
    position: int
    position_cost: int
    realized_pnl: int
    fees_paid: int
    volume: int
    position_fp: str
    position_cost_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    position_fee_cost_dollars: str
    volume_fp: str
    subaccount: int = 0


def _centi_cents(micros: int) -> int:
    return divide_half_even(micros, CENTI_CENT_MICROS)


def _position_2025(row: Position) -> Position2025:
    return Position2025(
        row.user_id,
        row.market_ticker,
        whole_contracts(row.position),
        _centi_cents(row.cost),
        _centi_cents(row.realized_pnl),
        _centi_cents(row.fees_paid),
        whole_contracts(row.volume),
    )


def _position_2026(row: Position) -> Position2026:
    return Position2026(
        row.user_id,
        row.market_ticker,
        format_count(row.position),
        format_dollars(row.cost),
        format_dollars(row.realized_pnl),
        format_dollars(row.fees_paid),
        format_dollars(row.fee_cost),
        format_count(row.volume),
        row.subaccount,
    )


def _position_both(row: Position) -> PositionBoth:
    # Unpacked once, because this is the frame that most connections get.
    (user_id, subaccount, market_ticker, position, cost, realized_pnl, fees_paid, fee_cost,
     yes_volume, _, no_volume, *_) = row  # fmt: skip
    position_whole, position_text = _count_forms(position)
    volume_whole, volume_text = _count_forms(yes_volume + no_volume)
    cost_centi_cents, cost_dollars = _both_forms(cost)
    realized_centi_cents, realized_dollars = _both_forms(realized_pnl)
    fees_centi_cents, fees_dollars = _both_forms(fees_paid)
    return PositionBoth(
        user_id,
        market_ticker,
        position_whole,
        cost_centi_cents,
        realized_centi_cents,
        fees_centi_cents,
        volume_whole,
        position_text,
        cost_dollars,
        realized_dollars,
        fees_dollars,
        format_dollars(fee_cost) if fee_cost else "0.0000",
        volume_text,
        subaccount,
    )


def _count_forms(count_centi: int) -> tuple[int, str]:
    """A count as whole contracts and as exact text."""
    if count_centi < 0:
        whole, text = _count_forms(-count_centi)
        return -whole, "-" + text
    return count_centi // 100, format_count(count_centi)


def _both_forms(micros: int) -> tuple[int, str]:
    """Money as centi-cents rounded half to even, and as exact text: one division for both."""
    if micros < 0:
        centi_cents, text = _both_forms(-micros)
        return -centi_cents, "-" + text
    centi_cents, beyond = divmod(micros, CENTI_CENT_MICROS)
    text = format_price(centi_cents) + _BEYOND_CENTI_CENTS[beyond]
    if beyond > _HALF_MICROS or (beyond == _HALF_MICROS and centi_cents % 2):
        centi_cents += 1
    return centi_cents, text


POSITION_FORMS: dict[Dialect, Callable[[Position], msgspec.Struct]] = {
    Dialect.D2025: _position_2025,
    Dialect.D2026: _position_2026,
    Dialect.BOTH: _position_both,
}

encode = msgspec.json.Encoder().encode


def position_message(row: Position, dialect: Dialect) -> bytes:
    """The `msg` of a `market_position` frame: the whole row."""
    return encode(POSITION_FORMS[dialect](row))


def frame(frame_type: bytes, sid: int, message: bytes, seq: int | None = None) -> bytes:
    """A data frame, in the key order of the venue: type, sid, seq where asked for, msg."""
    if seq is None:
        return b'{"type":"%b","sid":%d,"msg":%b}' % (frame_type, sid, message)
    return b'{"type":"%b","sid":%d,"seq":%d,"msg":%b}' % (frame_type, sid, seq, message)


def extended_frame(sid: int, seq: int, message: bytes, change: Change, conflated: int) -> bytes:
    """A `market_position` frame for a subscription that asked for `extended` (protocol, 5.2).

    `conflated` is how many changes before this one were merged into it; 0 leaves it out.
    """
    row = change.after
    identity = identity_of(change.cause)
    cause = encode(
        {
            "type": identity.kind if identity else "settlement",
            "id": identity.event_id if identity else row.market_ticker,
        }
    )
    merged = b'"conflated":%d,' % conflated if conflated else b""
    extended = b'%b,"sequence":%d,"ts_ms":%d,"cause":%b}' % (message[:-1], row.sequence, row.ts_ms, cause)
    return b'{"type":"market_position","sid":%d,"seq":%d,%b"msg":%b}' % (sid, seq, merged, extended)


def snapshot_row(sid: int, message: bytes, row: Position, seq: int | None) -> bytes:
    """A row of a snapshot (protocol, 5.1); with `seq`, `sequence` and `ts_ms` for an extended subscription."""
    if seq is None:
        return frame(b"market_position", sid, message)
    extended = b'%b,"sequence":%d,"ts_ms":%d}' % (message[:-1], row.sequence, row.ts_ms)
    return frame(b"market_position", sid, extended, seq)


def snapshot_frame(sid: int, rows: int, epoch: str, sequence: int, seq: int | None) -> bytes:
    """The marker that ends a snapshot: how many rows it had, and the sequence they are as of."""
    message = encode({"rows": rows, "epoch": epoch, "sequence": sequence})
    return frame(b"market_positions_snapshot", sid, message, seq)
