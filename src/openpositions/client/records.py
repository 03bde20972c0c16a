"""Fills, settlements and the balance as the REST reads give them, typed (protocol, 4)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from openpositions.client.exact import ONE, less, scaled
from openpositions.client.rows import time_of
from openpositions.errors import InvalidInput

# Of a dollar, as a power of ten.
_CENTS = -2


class Fill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An execution. Money in dollars, counts in contracts, both exact."""

    trade_id: str
    order_id: str
    market_ticker: str
    side: Literal["yes", "no"]
    """The side that was acquired, whatever the order was called."""
    count: Decimal
    yes_price: Decimal
    no_price: Decimal
    fee: Decimal
    is_taker: bool
    time: datetime
    subaccount: int

    @property
    def price(self) -> Decimal:
        """What was paid for a contract of the side acquired."""
        return self.yes_price if self.side == "yes" else self.no_price


class Settlement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of a position whose market was settled."""

    market_ticker: str
    event_ticker: str
    result: str
    """yes, no, scalar or void."""
    yes_count: Decimal
    """YES contracts ever acquired; likewise the costs and the NO side."""
    yes_cost: Decimal
    no_count: Decimal
    no_cost: Decimal
    revenue: Decimal
    """What the settlement itself paid, rounded to cents; pairs closed before are not in it."""
    fee: Decimal
    value: Decimal | None
    """What a YES contract paid, rounded to cents; None when the market was void."""
    time: datetime


class Balance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Cash, and the value of what is open."""

    cash: Decimal
    portfolio_value: Decimal
    """Rounded to cents; markets without a mark at cost."""
    unmarked_markets: tuple[str, ...]
    time: datetime


class RestFill(msgspec.Struct, gc=False):
    """A row of `GET …/portfolio/fills`."""

    side: Literal["yes", "no"]
    count_fp: Decimal
    created_time: datetime
    fill_id: str = ""
    trade_id: str = ""
    ticker: str = ""
    market_ticker: str = ""
    order_id: str = ""
    outcome_side: Literal["yes", "no"] | None = None
    yes_price_dollars: Decimal | None = None
    yes_price_fixed: Decimal | None = None
    fee_cost: Decimal = Decimal(0)
    is_taker: bool = False
    subaccount_number: int | None = None

    def typed(self) -> Fill:
        """The fill. Raises InvalidInput when it has no price."""
        yes_price = self.yes_price_dollars if self.yes_price_dollars is not None else self.yes_price_fixed
        if yes_price is None:
            raise InvalidInput("yes_price_dollars", f"the fill {self.trade_id or self.fill_id} has no price")
        return Fill(
            trade_id=self.trade_id or self.fill_id,
            order_id=self.order_id,
            market_ticker=self.market_ticker or self.ticker,
            side=self.outcome_side or self.side,
            count=self.count_fp,
            yes_price=yes_price,
            no_price=less(ONE, yes_price),
            fee=self.fee_cost,
            is_taker=self.is_taker,
            time=self.created_time,
            subaccount=self.subaccount_number or 0,
        )


class RestFills(msgspec.Struct):
    """A page of fills."""

    fills: list[RestFill]
    cursor: str = ""


class RestSettlement(msgspec.Struct, gc=False):
    """A row of `GET …/portfolio/settlements`."""

    ticker: str
    market_result: str
    settled_time: datetime
    event_ticker: str = ""
    yes_count_fp: Decimal = Decimal(0)
    yes_total_cost_dollars: Decimal = Decimal(0)
    no_count_fp: Decimal = Decimal(0)
    no_total_cost_dollars: Decimal = Decimal(0)
    revenue: int = 0
    fee_cost: Decimal = Decimal(0)
    value: int | None = None

    def typed(self) -> Settlement:
        """The settlement."""
        return Settlement(
            market_ticker=self.ticker,
            event_ticker=self.event_ticker,
            result=self.market_result,
            yes_count=self.yes_count_fp,
            yes_cost=self.yes_total_cost_dollars,
            no_count=self.no_count_fp,
            no_cost=self.no_total_cost_dollars,
            revenue=scaled(self.revenue, _CENTS),
            fee=self.fee_cost,
            value=None if self.value is None else scaled(self.value, _CENTS),
            time=self.settled_time,
        )


class RestSettlements(msgspec.Struct):
    """A page of settlements."""

    settlements: list[RestSettlement]
    cursor: str = ""


class RestBalance(msgspec.Struct, gc=False):
    """The answer to `GET …/portfolio/balance`."""

    balance: int
    updated_ts: int
    portfolio_value: int = 0
    balance_dollars: Decimal | None = None
    unmarked_markets: list[str] = []

    def typed(self) -> Balance:
        """The balance."""
        return Balance(
            cash=scaled(self.balance, _CENTS) if self.balance_dollars is None else self.balance_dollars,
            portfolio_value=scaled(self.portfolio_value, _CENTS),
            unmarked_markets=tuple(self.unmarked_markets),
            time=time_of(self.updated_ts * 1000),
        )
