"""What a user holds in a market, over several subaccounts, valued at its mark, and sums of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.core.position import value_of

if TYPE_CHECKING:
    from openpositions.core.market import Market
    from openpositions.core.position import Position


class ValuedMarket:
    """What a user holds in one market, in sum over the subaccounts in view."""

    __slots__ = (
        "event_ticker",
        "exposure",
        "fees_paid",
        "mark_bp",
        "market_ticker",
        "market_value",
        "no_centi",
        "realized_pnl",
        "sequence",
        "yes_centi",
    )

    def __init__(self, market_ticker: str, event_ticker: str) -> None:
        self.market_ticker = market_ticker
        self.event_ticker = event_ticker
        self.mark_bp: int | None = None
        """The price of a YES contract; None when unknown."""
        self.market_value: int | None = 0
        """Micros that it is worth; 0 when nothing is open, None when unknown."""
        self.yes_centi = 0
        """Contracts of the subaccounts that hold YES, 1/100; both sides are worth something, so they stay apart."""
        self.no_centi = 0
        self.exposure = 0
        """Micros: the cost of what is open."""
        self.realized_pnl = 0
        self.fees_paid = 0
        self.sequence = 0
        """The sequence it was valued at when it last changed."""

    @property
    def position(self) -> int:
        """Net contracts, 1/100: YES positive, NO negative."""
        return self.yes_centi - self.no_centi

    @property
    def is_open(self) -> bool:
        """Whether a subaccount holds anything."""
        return bool(self.yes_centi or self.no_centi)

    @property
    def unrealized_pnl(self) -> int | None:
        """Micros of market value less cost; None when unknown."""
        return None if self.market_value is None else self.market_value - self.exposure

    def add(self, row: Position, sign: int) -> None:
        """Adds a row of the market, or takes it out again where `sign` is -1."""
        if row.position > 0:
            self.yes_centi += sign * row.position
        else:
            self.no_centi -= sign * row.position
        self.exposure += sign * row.cost
        self.realized_pnl += sign * row.realized_pnl
        self.fees_paid += sign * row.fees_paid

    def value(self, market: Market) -> None:
        """Values it at the mark of its market, and counts it to the event that the market is declared with."""
        self.event_ticker = market.event_ticker
        self.mark_bp = mark_bp = market.mark_bp
        if not self.is_open:
            self.market_value = 0
        elif mark_bp is None:
            self.market_value = None
        else:
            self.market_value = value_of(self.yes_centi, mark_bp) + value_of(-self.no_centi, mark_bp)


class ValuedSum:
    """Some markets in sum, in micros. Flat and settled ones count with what they realized and paid."""

    __slots__ = (
        "_marked_cost",
        "_marked_markets",
        "_marked_value",
        "exposure",
        "fees_paid",
        "open_markets",
        "realized_pnl",
        "sequence",
    )

    def __init__(self) -> None:
        self.realized_pnl = 0
        self.fees_paid = 0
        self.exposure = 0
        """The cost of what is open."""
        self.open_markets = 0
        self.sequence = 0
        """The sequence they were valued at when they last changed."""
        self._marked_markets = 0
        self._marked_value = 0
        self._marked_cost = 0

    @property
    def counts(self) -> bool:
        """Whether anything is held, or was realized or paid: whether it adds something to a larger sum."""
        return bool(self.open_markets or self.realized_pnl or self.fees_paid)

    @property
    def market_value(self) -> int | None:
        """Of the open markets that have a mark; None when there are open ones and none has."""
        return self._marked_value if self._is_known else None

    @property
    def unrealized_pnl(self) -> int | None:
        """Of the same markets."""
        return self._marked_value - self._marked_cost if self._is_known else None

    def add(self, market: ValuedMarket, sign: int) -> None:
        """Adds a market, or takes it out again where `sign` is -1."""
        self.realized_pnl += sign * market.realized_pnl
        self.fees_paid += sign * market.fees_paid
        self.exposure += sign * market.exposure
        if market.is_open:
            self.open_markets += sign
            value = market.market_value
            if value is not None:
                self._marked_markets += sign
                self._marked_value += sign * value
                self._marked_cost += sign * market.exposure

    @property
    def _is_known(self) -> bool:
        return bool(self._marked_markets) or not self.open_markets
