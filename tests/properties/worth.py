"""What a portfolio frame must say, counted anew from all rows, without anything that is kept from one to the next."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openpositions.core.market import Market
    from openpositions.core.position import Position

Worth = dict[str, Any]


def worth_of(rows: Iterable[Position], market_of: Callable[[str], Market]) -> Worth:
    """The sums over some rows, with dollars as Decimal; unknown is None."""
    sums = totals(rows, market_of)
    unknown = sums.open_markets > 0 and len(sums.unmarked_markets) == sums.open_markets
    return {
        "realized_pnl_dollars": _dollars(sums.realized_pnl),
        "unrealized_pnl_dollars": None if unknown else _dollars(sums.unrealized_pnl),
        "fees_paid_dollars": _dollars(sums.fees_paid),
        "exposure_dollars": _dollars(sums.exposure),
        "market_value_dollars": None if unknown else _dollars(sums.market_value),
        "open_markets": sums.open_markets,
        "unmarked_markets": list(sums.unmarked_markets),
    }


def worth_of_parts(
    rows: Iterable[Position], market_of: Callable[[str], Market]
) -> tuple[dict[str, Worth], dict[str, Worth]]:
    """The same of each market, as its entry has it, and of each event; of flat ones too."""
    of_market: dict[str, list[Position]] = defaultdict(list)
    of_event: dict[str, list[Position]] = defaultdict(list)
    for row in rows:
        of_market[row.market_ticker].append(row)
        of_event[market_of(row.market_ticker).event_ticker].append(row)
    markets = {ticker: _market_worth(ticker, own, market_of) for ticker, own in of_market.items()}
    events = {ticker: worth_of(own, market_of) for ticker, own in of_event.items()}
    return markets, events


def decoded(told: dict[str, Any]) -> Worth:
    """An entry or a frame with its texts as Decimal, and without what names it."""
    return {
        name: Decimal(value) if isinstance(value, str) and name.endswith(("_dollars", "_fp")) else value
        for name, value in told.items()
        if name not in {"market_ticker", "event_ticker", "user_id", "sequence", "ts_ms", "markets", "events"}
    }


def _market_worth(market_ticker: str, rows: list[Position], market_of: Callable[[str], Market]) -> Worth:
    worth = worth_of(rows, market_of)
    mark_bp = market_of(market_ticker).mark_bp
    return {
        "position_fp": Decimal(sum(row.position for row in rows)) / 100,
        "mark_price_dollars": None if mark_bp is None else Decimal(mark_bp) / 10_000,
        "market_value_dollars": worth["market_value_dollars"],
        "unrealized_pnl_dollars": worth["unrealized_pnl_dollars"],
    }


def _dollars(micros: int) -> Decimal:
    return Decimal(micros) / 1_000_000
