"""One user's portfolio in sums that follow rows and marks at the cost of what changed (accounting, "Other events").

Nothing is pushed into it but the names of markets whose mark moved. When somebody wants to see it, it asks the book
which rows changed since it last looked: so a user nobody looks at costs nothing, and a row that changed a hundred times
in between is counted once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, TypeVar

from openpositions.core.money import DOLLAR_BP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openpositions.core.book import Book
    from openpositions.core.market import Market
    from openpositions.core.position import Position


class Holding:
    """What a user holds in one market, in sum over the subaccounts in view."""

    __slots__ = (
        "event_ticker",
        "exposure",
        "fees_paid",
        "mark_bp",
        "market_ticker",
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
    def market_value(self) -> int | None:
        """Micros that it is worth; 0 when nothing is open, None when unknown."""
        if not self.is_open:
            return 0
        if self.mark_bp is None:
            return None
        return self.yes_centi * self.mark_bp + self.no_centi * (DOLLAR_BP - self.mark_bp)

    @property
    def unrealized_pnl(self) -> int | None:
        """Micros of market value less cost; None when unknown."""
        value = self.market_value
        return None if value is None else value - self.exposure

    def count(self, row: Position, sign: int) -> None:
        """Adds a row of the market, or takes it out again where `sign` is -1."""
        if row.position > 0:
            self.yes_centi += sign * row.position
        else:
            self.no_centi -= sign * row.position
        self.exposure += sign * row.cost
        self.realized_pnl += sign * row.realized_pnl
        self.fees_paid += sign * row.fees_paid


class Sums:
    """Some holdings in sum, in micros. Flat and settled ones count with what they realized and paid."""

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
    def is_open(self) -> bool:
        """Whether anything is held."""
        return bool(self.open_markets)

    @property
    def market_value(self) -> int | None:
        """Of the open markets that have a mark; None when there are open ones and none has."""
        return self._marked_value if self._is_known else None

    @property
    def unrealized_pnl(self) -> int | None:
        """Of the same markets."""
        return self._marked_value - self._marked_cost if self._is_known else None

    def count(self, holding: Holding, sign: int) -> None:
        """Adds a holding, or takes it out again where `sign` is -1."""
        self.realized_pnl += sign * holding.realized_pnl
        self.fees_paid += sign * holding.fees_paid
        self.exposure += sign * holding.exposure
        if holding.is_open:
            self.open_markets += sign
            value = holding.market_value
            if value is not None:
                self._marked_markets += sign
                self._marked_value += sign * value
                self._marked_cost += sign * holding.exposure

    @property
    def _is_known(self) -> bool:
        return bool(self._marked_markets) or not self.open_markets


class Portfolio:
    """The holdings of one user, of one subaccount or all, valued as of a sequence."""

    def __init__(self, book: Book, user_id: str, subaccount: int | None = None) -> None:
        self.user_id = user_id
        self.sequence = -1
        """The book's when it was last brought up to date."""
        self.changed_sequence = -1
        """The same, when something had changed."""
        self.ts_ms = 0
        """Unix milliseconds of the latest row or mark that it is made of; never goes back."""
        self.sums = Sums()
        self.unmarked_markets: list[str] = []
        """The tickers of the open markets without a mark, sorted."""
        self._book = book
        self._subaccount = subaccount
        self._rows: dict[tuple[int, str], Position] = {}
        self._holdings: dict[str, Holding] = {}
        """In order of their last change, so that what changed since a sequence is found from the end."""
        self._events: dict[str, Sums] = {}
        self._touched: set[str] = set()

    @property
    def markets(self) -> Mapping[str, Holding]:
        """Every market that the user has a row in."""
        return self._holdings

    def touch(self, market: Market) -> bool:
        """Notes that one of its markets is another now; whether that makes a difference here."""
        if not _moved(self._holdings[market.market_ticker], market):
            return False
        self._touched.add(market.market_ticker)
        return True

    def refresh(self) -> list[str]:
        """Takes in all that the book has; the markets that are new here. Costs what changed since the last time."""
        book = self._book
        if book.sequence == self.sequence:
            return []
        changed: dict[str, list[Position]] = {market_ticker: [] for market_ticker in self._touched}
        for row in book.rows_changed_since(self.user_id, self.sequence + 1):
            if self._subaccount is None or row.subaccount == self._subaccount:
                changed.setdefault(row.market_ticker, []).append(row)
        self.sequence = book.sequence
        new = [market_ticker for market_ticker in changed if market_ticker not in self._holdings]
        for market_ticker, rows in changed.items():
            self._update(book.market(market_ticker), rows)
        self._touched.clear()
        return new

    def holdings_changed_since(self, sequence: int | None) -> list[tuple[str, Holding]]:
        """The markets that changed after a sequence; None stands for the beginning, when all that is open is news."""
        return _changed_since(self._holdings, sequence)

    def events_changed_since(self, sequence: int | None) -> list[tuple[str, Sums]]:
        """The same of the events."""
        return _changed_since(self._events, sequence)

    def _update(self, market: Market, rows: list[Position]) -> None:
        """Counts the changed rows of a market, and values it at the mark that it has now."""
        holding = self._holdings.get(market.market_ticker)
        if holding is None:
            holding = Holding(market.market_ticker, market.event_ticker)
        elif rows or _moved(holding, market):
            self._count(holding, -1)
        else:
            return
        for row in rows:
            key = row.subaccount, row.market_ticker
            before = self._rows.get(key)
            if before is not None:
                holding.count(before, -1)
            holding.count(row, 1)
            self._rows[key] = row
            self.ts_ms = max(self.ts_ms, row.ts_ms)
        holding.event_ticker = market.event_ticker
        holding.mark_bp = market.mark_bp
        if holding.is_open:
            self.ts_ms = max(self.ts_ms, market.mark_ts_ms)
        self._count(holding, 1)
        self._holdings.pop(market.market_ticker, None)
        self._holdings[market.market_ticker] = holding
        holding.sequence = self.changed_sequence = self.sequence

    def _count(self, holding: Holding, sign: int) -> None:
        """Adds a holding to all sums, or takes it out again where `sign` is -1."""
        self.sums.count(holding, sign)
        event = self._events.pop(holding.event_ticker, None) or Sums()
        event.count(holding, sign)
        event.sequence = self.sequence
        self._events[holding.event_ticker] = event
        if holding.market_value is None:
            if sign > 0:
                insort(self.unmarked_markets, holding.market_ticker)
            else:
                del self.unmarked_markets[bisect_left(self.unmarked_markets, holding.market_ticker)]


def _moved(holding: Holding, market: Market) -> bool:
    """Whether a mark or a declaration changes what the holding is worth, or where it is counted."""
    revalued = holding.is_open and holding.mark_bp != market.mark_bp
    return revalued or holding.event_ticker != market.event_ticker


_Counted = TypeVar("_Counted", Holding, Sums)


def _changed_since(counted: dict[str, _Counted], sequence: int | None) -> list[tuple[str, _Counted]]:
    """What changed after a sequence, of a dict in order of last change."""
    if sequence is None:
        return [(name, one) for name, one in counted.items() if one.is_open]
    changed = []
    for name, one in reversed(counted.items()):
        if one.sequence <= sequence:
            break
        changed.append((name, one))
    return changed
