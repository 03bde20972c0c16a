"""The `portfolio` channel as a client reads it (protocol, 5.6)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from openpositions.errors import InvalidInput


class MarketValue(msgspec.Struct, gc=False):
    """What the channel says of one market; None is unknown."""

    market_ticker: str
    mark_price_dollars: Decimal | None = None


class PortfolioMessage(msgspec.Struct, gc=False):
    """The `msg` of a `portfolio` frame: totals of everything, and the markets that changed."""

    sequence: int
    ts_ms: int
    realized_pnl_dollars: Decimal
    unrealized_pnl_dollars: Decimal | None
    fees_paid_dollars: Decimal
    exposure_dollars: Decimal
    market_value_dollars: Decimal | None
    open_markets: int
    unmarked_markets: list[str]
    markets: list[MarketValue]


_decode = msgspec.json.Decoder(PortfolioMessage).decode


def decode_portfolio(message: msgspec.Raw) -> PortfolioMessage:
    """The totals of a `portfolio` frame. Raises InvalidInput when it is none."""
    try:
        return _decode(message)
    except msgspec.ValidationError as error:
        raise InvalidInput("portfolio", f"a portfolio frame is malformed: {error}") from None
