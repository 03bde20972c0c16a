"""Core events as the lines that feed them (interfaces, "Events in")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from openpositions.core.events import AS_DETERMINED, Adjustment, Bust, Cash, Determination, Fill, Mark, Settlement
from openpositions.core.money import format_count, format_dollars, format_price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.core.events import Event

_Form: TypeAlias = "tuple[str, dict[str, Any]]"
"""The type of a frame, and its message; what is None is left out."""


def body_of(events: Iterable[Event]) -> bytes:
    """The body of NDJSON that feeds these events."""
    return b"".join(_line(event) for event in events)


def _line(event: Event) -> bytes:
    kind, fields = _FORMS[type(event)](event)
    message = {name: value for name, value in fields.items() if value is not None} | {"ts_ms": event.ts_ms}
    return msgspec.json.encode({"type": kind, "msg": message}) + b"\n"


def _fill(fill: Fill) -> _Form:
    return "fill", {
        "trade_id": fill.trade_id,
        "user_id": fill.user_id,
        "subaccount": fill.subaccount,
        "market_ticker": fill.market_ticker,
        "outcome_side": "yes" if fill.acquires_yes else "no",
        "yes_price_dollars": format_price(fill.yes_price_bp),
        "count_fp": format_count(fill.count_centi),
        "fee_cost": None if fill.fee_micros is None else format_dollars(fill.fee_micros),
    }


def _adjustment(adjustment: Adjustment) -> _Form:
    return "adjustment", {
        "adjustment_id": adjustment.adjustment_id,
        "user_id": adjustment.user_id,
        "subaccount": adjustment.subaccount,
        "market_ticker": adjustment.market_ticker,
        "position_fp": format_count(adjustment.position_centi),
        "cost_dollars": format_dollars(adjustment.cost_micros),
        "realized_pnl_dollars": format_dollars(adjustment.realized_pnl_micros),
        "fees_paid_dollars": format_dollars(adjustment.fees_paid_micros),
        "cash_dollars": format_dollars(adjustment.cash_micros),
        "reason": adjustment.reason or "none",  # a line may not leave it out
    }


def _bust(bust: Bust) -> _Form:
    return "bust", {
        "bust_id": bust.bust_id,
        "trade_id": bust.trade_id,
        "user_id": bust.user_id,
        "subaccount": bust.subaccount,
    }


def _cash(cash: Cash) -> _Form:
    return "cash", {
        "cash_id": cash.cash_id,
        "user_id": cash.user_id,
        "subaccount": cash.subaccount,
        "amount_dollars": format_dollars(cash.amount_micros),
    }


def _mark(mark: Mark) -> _Form:
    # 0 is how a ticker says that it has no price.
    return "ticker", {"market_ticker": mark.market_ticker, "price_dollars": format_price(mark.yes_price_bp or 0)}


def _settlement(settlement: Settlement) -> _Form:
    if settlement.result == AS_DETERMINED:
        return "market_lifecycle_v2", {"market_ticker": settlement.market_ticker, "event_type": "settled"}
    return "settlement", _result(settlement, "settlement_value_dollars")


def _determination(determination: Determination) -> _Form:
    return "market_lifecycle_v2", _result(determination, "settlement_value") | {"event_type": "determined"}


def _result(event: Settlement | Determination, value_field: str) -> dict[str, Any]:
    value = format_price(event.value_bp) if event.result == "scalar" and event.value_bp is not None else None
    return {"market_ticker": event.market_ticker, "result": event.result, value_field: value}


_FORMS = cast(
    "dict[type[Event], Callable[[Event], _Form]]",
    {
        Fill: _fill,
        Adjustment: _adjustment,
        Bust: _bust,
        Cash: _cash,
        Mark: _mark,
        Settlement: _settlement,
        Determination: _determination,
    },
)
