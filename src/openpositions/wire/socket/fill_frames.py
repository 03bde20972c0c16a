"""Frames of the `fill` channel, in both dialects (protocol, 4)."""

import msgspec

from openpositions.core.events import Fill
from openpositions.core.money import (
    DOLLAR_BP,
    format_count,
    format_dollars,
    format_price,
    price_cents,
    whole_contracts,
)
from openpositions.core.position import Position
from openpositions.wire.socket.frames import Dialect

_NAMES_2025 = ("yes_price", "no_price", "count", "post_position")
_NAMES_2026 = ("yes_price_dollars", "no_price_dollars", "count_fp", "post_position_fp", "exchange_index")
# A 2025 frame cannot tell subaccounts apart.
_LEFT_OUT = {Dialect.D2025: (*_NAMES_2026, "subaccount"), Dialect.D2026: _NAMES_2025, Dialect.BOTH: ()}

_encode = msgspec.json.Encoder().encode


def fill_message(fill: Fill, after: Position, dialect: Dialect) -> bytes:
    """The `msg` of a `fill` frame. `action` is always buy and `side` the side acquired: true in every convention."""
    side = "yes" if fill.acquires_yes else "no"
    no_price_bp = DOLLAR_BP - fill.yes_price_bp
    message: dict[str, str | int] = {
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "market_ticker": fill.market_ticker,
        "is_taker": fill.is_taker,
        "side": side,
        "action": "buy",
        "yes_price": price_cents(fill.yes_price_bp),
        "no_price": price_cents(no_price_bp),
        "count": whole_contracts(fill.count_centi),
        "yes_price_dollars": format_price(fill.yes_price_bp),
        "no_price_dollars": format_price(no_price_bp),
        "count_fp": format_count(fill.count_centi),
        "fee_cost": format_dollars(fill.fee_micros or 0),
        "outcome_side": side,
        "book_side": "bid" if fill.acquires_yes else "ask",
        "purchased_side": side,
        "post_position": whole_contracts(after.position),
        "post_position_fp": format_count(after.position),
        "ts": fill.ts_ms // 1000,
        "ts_ms": fill.ts_ms,
        "exchange_index": 0,
    }
    if fill.subaccount:
        message["subaccount"] = fill.subaccount
    for name in _LEFT_OUT[dialect]:
        message.pop(name, None)
    return _encode(message)
