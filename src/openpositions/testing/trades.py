"""An order and what it was filled with: both sides of each trade, with the venue's fees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Fill
from openpositions.core.fees import MAKER_RATE_BP, TAKER_RATE_BP, charge
from openpositions.core.money import DOLLAR_BP

if TYPE_CHECKING:
    from collections.abc import Iterator


class Order(NamedTuple):
    """A taker's order in one market."""

    order_id: str
    user_id: str
    market_ticker: str
    buys_yes: bool
    makers_pay: bool
    ts_ms: int


class Match(NamedTuple):
    """A maker who fills some of an order."""

    trade_id: str
    order_id: str
    """The maker's own."""
    user_id: str
    count_centi: int
    yes_price_bp: int


def fills_of(order: Order, matches: list[Match]) -> Iterator[Fill]:
    """The taker's fill of each trade and then the maker's. Rounding fees add up over the taker's order."""
    overpaid = 0
    for match in matches:
        taken = charge(
            match.count_centi,
            _price_of(match, yes=order.buys_yes),
            rate_bp=TAKER_RATE_BP,
            overpaid_micros=overpaid,
        )
        overpaid = taken.overpaid_micros
        rate_bp = MAKER_RATE_BP if order.makers_pay else 0
        made = charge(match.count_centi, _price_of(match, yes=not order.buys_yes), rate_bp=rate_bp)
        sides = (
            (order.user_id, order.buys_yes, taken.fee_micros, True, order.order_id),
            (match.user_id, not order.buys_yes, made.fee_micros, False, match.order_id),
        )
        for user_id, acquires_yes, fee_micros, is_taker, order_id in sides:
            yield Fill(
                match.trade_id,
                user_id,
                0,
                order.market_ticker,
                acquires_yes,
                match.yes_price_bp,
                match.count_centi,
                fee_micros,
                order.ts_ms,
                is_taker,
                order_id,
            )


def _price_of(match: Match, *, yes: bool) -> int:
    """The price of one side."""
    return match.yes_price_bp if yes else DOLLAR_BP - match.yes_price_bp
