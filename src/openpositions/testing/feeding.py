"""What happens on the market of a sandbox, as methods: each returns when it is durable and in the book."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from openpositions.errors import InvalidInput
from openpositions.wire.ingest.fields import must_be

if TYPE_CHECKING:
    from collections.abc import Mapping

Number: TypeAlias = str | int | Decimal
"""A float is refused: it may have been rounded before it came here."""


class Fed(NamedTuple):
    """What became of what was fed."""

    accepted: int
    duplicates: int
    sequence: int
    """The head of the journal."""


class Feeding(ABC):
    """Fills, trades, settlements and the rest. Each raises InvalidInput when the service refuses it, saying why."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    @abstractmethod
    def feed(self, *events: Mapping[str, Any]) -> Fed:
        """Takes events as `POST /v1/events` does, all of them or none."""

    def fill(  # noqa: PLR0913, PLR0917 - every fact of a fill
        self,
        user: str,
        ticker: str,
        side: str = "yes",
        price: Number = "0.40",
        count: Number = 10,
        fee: Number = "0",
        *,
        trade_id: str | None = None,
        order_id: str | None = None,
        subaccount: int = 0,
        is_taker: bool = True,
        ts_ms: int | None = None,
    ) -> str:
        """A user acquires contracts of a side, at the price of that side; the trade id."""
        trade_id = self._new_id("trade") if trade_id is None else trade_id
        fields = _fill(side, price, count, fee) | {
            "trade_id": trade_id,
            "user_id": user,
            "market_ticker": ticker,
            "order_id": order_id,
            "subaccount": subaccount,
            "is_taker": is_taker,
            "ts_ms": ts_ms,
        }
        self._feed_one("fill", fields)
        return trade_id

    def trade(  # noqa: PLR0913 - every fact of a trade
        self,
        buyer: str,
        seller: str,
        ticker: str,
        price: Number = "0.40",
        count: Number = 10,
        *,
        buyer_fee: Number = "0",
        seller_fee: Number = "0",
        trade_id: str | None = None,
        ts_ms: int | None = None,
    ) -> str:
        """The buyer acquires YES at a price and the seller NO at 1 dollar less that, in one step; the trade id."""
        if buyer == seller:
            raise must_be("seller", "another user than the buyer", seller)
        trade_id = self._new_id("trade") if trade_id is None else trade_id
        both = {"trade_id": trade_id, "market_ticker": ticker, "ts_ms": ts_ms}
        yes = _fill("yes", price, count, buyer_fee) | both | {"user_id": buyer, "is_taker": True}
        no = _fill("yes", price, count, seller_fee) | both | {"user_id": seller, "is_taker": False}
        no["outcome_side"] = "no"
        self.feed(_event("fill", yes), _event("fill", no))
        return trade_id

    def settle(self, ticker: str, result: str, *, value: Number | None = None, ts_ms: int | None = None) -> None:
        """A market ends: `yes`, `no`, `void`, or `scalar` with a value in dollars per YES."""
        fields = {"market_ticker": ticker, "result": result, "ts_ms": ts_ms}
        if value is not None:
            fields["settlement_value_dollars"] = _text("value", value)
        self._feed_one("settlement", fields)

    def mark(self, ticker: str, price: Number, *, ts_ms: int | None = None) -> None:
        """The price that a market is valued at now."""
        self._feed_one("ticker", {"market_ticker": ticker, "price_dollars": _text("price", price), "ts_ms": ts_ms})

    def bust(self, trade_id: str, *, user: str | None = None, subaccount: int | None = None) -> None:
        """A trade did not happen, for both of its users or for one."""
        if user is None and subaccount is not None:
            raise InvalidInput("subaccount", "subaccount is one of a user: give user too")
        side = {} if user is None else {"user_id": user, "subaccount": subaccount or 0}
        self._feed_one("bust", {"bust_id": self._new_id("bust"), "trade_id": trade_id} | side)

    def adjust(  # noqa: PLR0913 - every fact of an adjustment
        self,
        user: str,
        ticker: str,
        *,
        position: Number = "0",
        cost: Number = "0",
        realized_pnl: Number = "0",
        fees_paid: Number = "0",
        cash: Number = "0",
        reason: str = "test",
        subaccount: int = 0,
    ) -> None:
        """Signed changes of a row, such as an opening balance."""
        fields = {
            "adjustment_id": self._new_id("adjustment"),
            "user_id": user,
            "subaccount": subaccount,
            "market_ticker": ticker,
            "position_fp": _text("position", position),
            "cost_dollars": _text("cost", cost),
            "realized_pnl_dollars": _text("realized_pnl", realized_pnl),
            "fees_paid_dollars": _text("fees_paid", fees_paid),
            "cash_dollars": _text("cash", cash),
            "reason": reason,
        }
        self._feed_one("adjustment", fields)

    def cash(self, user: str, amount: Number, *, subaccount: int = 0) -> None:
        """A deposit, or a withdrawal when it is negative."""
        fields = {"cash_id": self._new_id("cash"), "user_id": user, "amount_dollars": _text("amount", amount)}
        self._feed_one("cash", fields | {"subaccount": subaccount})

    def declare(self, ticker: str, *, event_ticker: str | None = None, title: str | None = None) -> None:
        """The event ticker and the title of a market."""
        self._feed_one("market", {"market_ticker": ticker, "event_ticker": event_ticker, "title": title})

    def _feed_one(self, kind: str, fields: Mapping[str, Any]) -> None:
        self.feed(_event(kind, fields))

    def _new_id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"


def _fill(side: str, price: Number, count: Number, fee: Number) -> dict[str, Any]:
    """The fields that say what was acquired. Raises InvalidInput."""
    if side not in {"yes", "no"}:
        raise must_be("side", "yes or no", side)
    return {
        "outcome_side": side,
        f"{side}_price_dollars": _text("price", price),
        "count_fp": _text("count", count),
        "fee_cost": _text("fee", fee),
    }


def _event(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "msg": {name: value for name, value in fields.items() if value is not None}}


def _text(name: str, value: Number) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise InvalidInput(name, f'{name} must be text such as "0.40", an int or a Decimal, not {value!r}')
    return format(value, "f") if isinstance(value, Decimal) else str(value)
