"""What happens in a scenario, as the events that the service is fed (pure; interfaces, "Events in")."""

from __future__ import annotations

from decimal import Decimal
from functools import singledispatch
from typing import Any

from openpositions.client.exact import ONE, less
from openpositions.testing.scenario.steps import Adjust, Bust, Cash, Declare, Event, Fill, Mark, Settle, Trade

Message = dict[str, Any]


def event_messages(event: Event, name: str, number: str) -> list[Message]:
    """The events of one happening, without their time. `name` is its id where it has none; `number` ends every id."""
    return [
        {"type": kind, "msg": {field: value for field, value in message.items() if value is not None}}
        for kind, message in _messages(event, (getattr(event, "id", None) or name) + number)
    ]


@singledispatch
def _messages(event: Event, event_id: str) -> list[tuple[str, Message]]:
    raise TypeError(f"{event_id}: {event!r}")


@_messages.register
def _(trade: Trade, event_id: str) -> list[tuple[str, Message]]:
    common = {"trade_id": event_id, "market_ticker": trade.ticker, "count_fp": trade.count}
    seller_pays = str(less(ONE, Decimal(trade.price)))
    bought = {"user_id": trade.buyer, "outcome_side": "yes", "yes_price_dollars": _whole(trade.price)}
    sold = {"user_id": trade.seller, "outcome_side": "no", "no_price_dollars": seller_pays}
    return [
        ("fill", common | bought | {"fee_cost": trade.buyer_fee}),
        ("fill", common | sold | {"fee_cost": trade.seller_fee}),
    ]


@_messages.register
def _(fill: Fill, event_id: str) -> list[tuple[str, Message]]:
    message = {
        "trade_id": event_id,
        "user_id": fill.user,
        "subaccount": fill.subaccount,
        "market_ticker": fill.ticker,
        "outcome_side": fill.side,
        f"{fill.side}_price_dollars": _whole(fill.price),
        "count_fp": fill.count,
        "fee_cost": fill.fee,
        "order_id": fill.order_id,
    }
    return [("fill", message)]


@_messages.register
def _(settle: Settle, _event_id: str) -> list[tuple[str, Message]]:
    value = None if settle.value is None else _whole(settle.value)
    return [
        ("settlement", {"market_ticker": settle.ticker, "result": settle.result, "settlement_value_dollars": value})
    ]


@_messages.register
def _(mark: Mark, _event_id: str) -> list[tuple[str, Message]]:
    return [("ticker", {"market_ticker": mark.ticker, "price_dollars": _whole(mark.price)})]


@_messages.register
def _(bust: Bust, event_id: str) -> list[tuple[str, Message]]:
    sides = {"user_id": bust.user, "subaccount": bust.subaccount}
    return [("bust", {"bust_id": event_id, "trade_id": bust.trade} | sides)]


@_messages.register
def _(cash: Cash, event_id: str) -> list[tuple[str, Message]]:
    return [
        (
            "cash",
            {
                "cash_id": event_id,
                "user_id": cash.user,
                "subaccount": cash.subaccount,
                "amount_dollars": cash.amount,
            },
        )
    ]


@_messages.register
def _(adjust: Adjust, event_id: str) -> list[tuple[str, Message]]:
    message = {
        "adjustment_id": event_id,
        "user_id": adjust.user,
        "subaccount": adjust.subaccount,
        "market_ticker": adjust.ticker,
        "position_fp": adjust.position,
        "cost_dollars": adjust.cost,
        "realized_pnl_dollars": adjust.realized_pnl,
        "fees_paid_dollars": adjust.fees_paid,
        "cash_dollars": adjust.cash,
        "reason": adjust.reason,
    }
    return [("adjustment", message)]


@_messages.register
def _(declare: Declare, _event_id: str) -> list[tuple[str, Message]]:
    return [
        ("market", {"market_ticker": declare.ticker, "event_ticker": declare.event, "title": declare.title or None})
    ]


def _whole(price: str) -> str:
    """A price as the service takes it: `.5` has no digit before its point."""
    return f"0{price}" if price.startswith(".") else price
