"""Events of a market: its settlement, the venue's lifecycle frames, its mark, its declaration."""

from openpositions.core.events import AS_DETERMINED, Declaration, Determination, Mark, Settlement
from openpositions.core.money import DOLLAR_BP, PRICE_DECIMALS, format_price
from openpositions.core.valuation import mark_price
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.fields import (
    check_ids,
    check_line,
    decimal,
    decimal_or_integer,
    invalid,
    missing,
    must_be,
    shown,
    time_ms,
)
from openpositions.wire.ingest.messages import LifecycleMessage, MarketMessage, SettlementMessage, TickerMessage

_VALUE_BP = {"yes": DOLLAR_BP, "no": 0, "void": None}


def read_settlement(message: SettlementMessage, arrival_ts_ms: int) -> Settlement:
    """The final value of a market."""
    check_ids(market_ticker=message.market_ticker)
    value_bp = _value_bp(message.result, "settlement_value_dollars", message.settlement_value_dollars)
    ts_ms = time_ms(message.ts_ms, message.ts, arrival_ts_ms)
    return Settlement(message.market_ticker, message.result, value_bp, ts_ms)


def read_lifecycle(message: LifecycleMessage, arrival_ts_ms: int) -> Determination | Settlement:
    """What the venue determined, or that it settled, in which case its frame names no result."""
    check_ids(market_ticker=message.market_ticker)
    if message.event_type not in {"determined", "settled"}:
        raise InvalidInput(
            "event_type",
            f"event_type must be determined or settled, not {shown(message.event_type)}: no other changes a position",
            code="unsupported_event_type",
        )
    settled = message.event_type == "settled"
    time_field = "settled_ts" if settled else "determination_ts"
    ts_ms = time_ms(message.ts_ms, getattr(message, time_field), arrival_ts_ms, time_field)
    if message.result is None:
        if settled:
            return Settlement(message.market_ticker, AS_DETERMINED, None, ts_ms)
        raise missing("result", ": a determined market has one")
    value_bp = _value_bp(message.result, "settlement_value", message.settlement_value)
    kind = Settlement if settled else Determination
    return kind(message.market_ticker, message.result, value_bp, ts_ms)


def _value_bp(result: str, field: str, stated: str | None) -> int | None:
    """What a result pays a YES contract; a stated value must be the one that the result implies."""
    stated_bp = decimal(field, stated, PRICE_DECIMALS)
    if result == "scalar":
        if stated_bp is None:
            raise missing(field, ": a scalar result needs it")
        if not 0 <= stated_bp <= DOLLAR_BP:
            raise must_be(field, "from 0 to 1 dollar", stated)
        return stated_bp
    value_bp = _VALUE_BP[result]
    if stated_bp is not None and stated_bp != value_bp:
        implied = "each position its cost" if value_bp is None else format_price(value_bp)
        raise invalid(field, f"{field} {shown(stated)} contradicts result {result}, which pays {implied}")
    return value_bp


def read_ticker(message: TickerMessage, arrival_ts_ms: int) -> Mark:
    """The mark that the prices of a market give (accounting, "Other events")."""
    check_ids(market_ticker=message.market_ticker)
    quotes = (
        ("price_dollars", message.price_dollars, "price", message.price),
        ("yes_bid_dollars", message.yes_bid_dollars, "yes_bid", message.yes_bid),
        ("yes_ask_dollars", message.yes_ask_dollars, "yes_ask", message.yes_ask),
    )
    if all(text is None and cents is None for _, text, _, cents in quotes):
        raise missing("price_dollars", ": a ticker states it, or yes_bid_dollars and yes_ask_dollars")
    price_bp, bid_bp, ask_bp = (_quote_bp(*quote) for quote in quotes)
    ts_ms = time_ms(message.ts_ms, message.ts, arrival_ts_ms)
    return Mark(message.market_ticker, mark_price(price_bp, bid_bp, ask_bp), ts_ms)


def _quote_bp(field: str, text: str | None, cents_field: str, cents: int | None) -> int | None:
    """A price from 0 to 1 dollar; None when absent, which the venue's 2025 frames also write as an empty text."""
    quote_bp = decimal_or_integer(field, text or None, PRICE_DECIMALS, cents_field, cents)
    if quote_bp is not None and not 0 <= quote_bp <= DOLLAR_BP:
        raise must_be(field, "from 0 to 1 dollar", text)
    return quote_bp


def read_market(message: MarketMessage, arrival_ts_ms: int) -> Declaration:
    """The event ticker and the title of a market."""
    check_ids(market_ticker=message.market_ticker, event_ticker=message.event_ticker)
    title = check_line("title", message.title or "")
    return Declaration(
        message.market_ticker, message.event_ticker, title, time_ms(message.ts_ms, message.ts, arrival_ts_ms)
    )
