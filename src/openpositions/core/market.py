"""What is known of one market besides its positions."""

from typing import NamedTuple

from openpositions.core.money import format_price


class Market(NamedTuple):
    """One market. Immutable: an event replaces it.

    The field order is a storage format: a field may be added at the end, never moved or removed.
    """

    market_ticker: str
    event_ticker: str
    title: str = ""
    result: str | None = None
    """The outcome announced or settled at; None while it is open."""
    value_bp: int | None = None
    """What a YES contract pays; None while open, and for `void`."""
    determined_ts_ms: int | None = None
    settled_ts_ms: int | None = None
    settled_sequence: int | None = None
    """The sequence at which every position of the market was closed; None while it is not settled."""
    mark_bp: int | None = None
    """The price of a YES contract used for valuation; None when unknown."""
    mark_ts_ms: int = 0

    @property
    def settled(self) -> bool:
        """Whether its positions were closed at its value."""
        return self.settled_sequence is not None


def event_ticker_of(market_ticker: str) -> str:
    """The event a market belongs to unless it was declared with another one: the ticker without its last `-` part."""
    event_ticker, dash, _ = market_ticker.rpartition("-")
    return event_ticker if dash and event_ticker else market_ticker


def undeclared_market(market_ticker: str) -> Market:
    """An open market of which nothing is known but its ticker."""
    return Market(market_ticker, event_ticker_of(market_ticker))


def describe_result(result: str | None, value_bp: int | None) -> str:
    """A result and its value for an error message: "yes (1.0000)", "void"."""
    return f"{result}" if value_bp is None else f"{result} ({format_price(value_bp)})"
