"""Frames of the `portfolio` channel: what a portfolio is worth, and which of its markets moved (protocol, 5.6).

The same in every dialect. Money and counts are exact texts, prices are of a YES contract; what is unknown is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.money import format_count, format_dollars, format_price

if TYPE_CHECKING:
    from openpositions.core.live_portfolio import LivePortfolio
    from openpositions.core.valued import ValuedMarket, ValuedSum


class MarketWorth(msgspec.Struct, gc=False):
    """What is held in a market, at its mark; null is unknown."""

    market_ticker: str
    position_fp: str
    mark_price_dollars: str | None
    market_value_dollars: str | None
    unrealized_pnl_dollars: str | None


class EventWorth(msgspec.Struct, gc=False):
    """What the markets of an event add up to."""

    event_ticker: str
    realized_pnl_dollars: str
    unrealized_pnl_dollars: str | None
    fees_paid_dollars: str
    exposure_dollars: str
    market_value_dollars: str | None


class PortfolioMessage(msgspec.Struct):
    """The sums over all rows, and what changed since the frame before."""

    user_id: str
    sequence: int
    ts_ms: int
    realized_pnl_dollars: str
    unrealized_pnl_dollars: str | None
    fees_paid_dollars: str
    exposure_dollars: str
    market_value_dollars: str | None
    open_markets: int
    unmarked_markets: list[str]
    markets: list[MarketWorth]
    events: list[EventWorth]


_encode = msgspec.json.Encoder().encode


def portfolio_message(portfolio: LivePortfolio, since: int | None) -> bytes:
    """The `msg` of a frame: the sums over all rows, and the markets and events that changed after a sequence.

    None stands for the beginning: then they are the open markets, and all events that make the sums.
    """
    sums = portfolio.sums
    return _encode(
        PortfolioMessage(
            user_id=portfolio.user_id,
            sequence=portfolio.sequence,
            ts_ms=portfolio.ts_ms,
            realized_pnl_dollars=format_dollars(sums.realized_pnl),
            unrealized_pnl_dollars=_dollars(sums.unrealized_pnl),
            fees_paid_dollars=format_dollars(sums.fees_paid),
            exposure_dollars=format_dollars(sums.exposure),
            market_value_dollars=_dollars(sums.market_value),
            open_markets=sums.open_markets,
            unmarked_markets=portfolio.unmarked_markets,
            markets=[_market(market) for _, market in sorted(portfolio.markets_changed_since(since), key=_ticker)],
            events=[
                _event(ticker, event) for ticker, event in sorted(portfolio.events_changed_since(since), key=_ticker)
            ],
        )
    )


def _market(market: ValuedMarket) -> MarketWorth:
    return MarketWorth(
        market.market_ticker,
        format_count(market.position),
        None if market.mark_bp is None else format_price(market.mark_bp),
        _dollars(market.market_value),
        _dollars(market.unrealized_pnl),
    )


def _event(event_ticker: str, sums: ValuedSum) -> EventWorth:
    return EventWorth(
        event_ticker,
        format_dollars(sums.realized_pnl),
        _dollars(sums.unrealized_pnl),
        format_dollars(sums.fees_paid),
        format_dollars(sums.exposure),
        _dollars(sums.market_value),
    )


def _dollars(micros: int | None) -> str | None:
    return None if micros is None else format_dollars(micros)


def _ticker(named: tuple[str, object]) -> str:
    return named[0]
