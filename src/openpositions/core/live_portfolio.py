"""One user's portfolio in sums that follow rows and marks at the cost of what changed (accounting, "Other events").

Nothing is pushed into it but the names of markets whose mark moved. When somebody wants to see it, it asks the book
which rows changed since it last looked: so a user nobody looks at costs nothing, and a row that changed a hundred times
in between is counted once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, TypeVar

from openpositions.core.valued import ValuedMarket, ValuedSum

if TYPE_CHECKING:
    from openpositions.core.book import Book
    from openpositions.core.market import Market
    from openpositions.core.position import Position


class LivePortfolio:
    """What one user holds, in one subaccount or all, valued as of a sequence."""

    def __init__(self, book: Book, user_id: str, subaccount: int | None = None) -> None:
        self.user_id = user_id
        self.sequence = -1
        """It is as of this one of the book, once it is current."""
        self.changed_sequence = -1
        """What it was as of when something had changed."""
        self.ts_ms = 0
        """Unix milliseconds of the latest row or mark that it is made of; never goes back."""
        self.sums = ValuedSum()
        self.unmarked_markets: list[str] = []
        """The tickers of the open markets without a mark, sorted."""
        self._book = book
        self._subaccount = subaccount
        self._rows: dict[tuple[int, str], Position] = {}
        self._markets: dict[str, ValuedMarket] = {}
        """In order of their last change, so that what changed since a sequence is found from the end."""
        self._events: dict[str, ValuedSum] = {}
        self._touched: set[str] = set()
        self._backlog: list[Position] = []
        """Rows that changed up to `sequence` and are not counted yet, the newest first."""

    @property
    def is_current(self) -> bool:
        """Whether all that the book has is counted: only then is it to be looked at."""
        return self.sequence == self._book.sequence and not self._backlog

    def touch(self, market: Market) -> bool:
        """Notes that one of its markets is another now; whether that makes a difference here."""
        valued = self._markets.get(market.market_ticker)
        if valued is None or not _moved(valued, market):
            return False
        self._touched.add(market.market_ticker)
        return True

    def refresh(self, most_rows: int) -> list[str]:
        """Counts what changed in the book, so many rows at most; the markets that are new here.

        Costs what changed since the last time: all rows when there was none, so that whoever has other work to do
        wants them in pieces.
        """
        new: list[str] = []
        while not self.is_current and most_rows:
            if not self._backlog:
                self._backlog = self._book.rows_changed_since(self.user_id, self.sequence + 1)
                self._backlog.reverse()
                self.sequence = self._book.sequence
            while self._backlog and most_rows:
                row = self._backlog.pop()
                most_rows -= 1
                if self._subaccount is None or row.subaccount == self._subaccount:
                    if row.market_ticker not in self._markets:
                        new.append(row.market_ticker)
                    self._update(row.market_ticker, row)
        if self.is_current:
            for market_ticker in self._touched:
                self._update(market_ticker, None)
            self._touched.clear()
        return new

    def markets_changed_since(self, sequence: int | None) -> list[tuple[str, ValuedMarket]]:
        """The markets that changed after a sequence; None stands for the beginning, when all that is open is news."""
        if sequence is None:
            return [(ticker, market) for ticker, market in self._markets.items() if market.is_open]
        return _changed_since(self._markets, sequence)

    def events_changed_since(self, sequence: int | None) -> list[tuple[str, ValuedSum]]:
        """The same of the events; closed ones are news at the beginning too, or the events would not make the sums."""
        if sequence is None:
            return [(ticker, event) for ticker, event in self._events.items() if event.counts]
        return _changed_since(self._events, sequence)

    def _update(self, market_ticker: str, row: Position | None) -> None:
        """Counts the changed row of a market, if one did, and values what is held at the mark that it has now."""
        market = self._book.market(market_ticker)
        valued = self._markets.get(market_ticker)
        if valued is None:
            valued = ValuedMarket(market_ticker, market.event_ticker)
        elif row is None and not _moved(valued, market):
            return
        else:
            self._add(valued, -1)
            del self._markets[market_ticker]
        if row is not None:
            key = row.subaccount, market_ticker
            before = self._rows.get(key)
            if before is not None:
                valued.add(before, -1)
            valued.add(row, 1)
            self._rows[key] = row
            self.ts_ms = max(self.ts_ms, row.ts_ms)
        valued.value(market)
        if valued.is_open:
            self.ts_ms = max(self.ts_ms, market.mark_ts_ms)
        self._add(valued, 1)
        self._markets[market_ticker] = valued
        valued.sequence = self.changed_sequence = self.sequence

    def _add(self, valued: ValuedMarket, sign: int) -> None:
        """Adds a market to all sums, or takes it out again where `sign` is -1."""
        self.sums.add(valued, sign)
        event = self._events.pop(valued.event_ticker, None) or ValuedSum()
        event.add(valued, sign)
        event.sequence = self.sequence
        self._events[valued.event_ticker] = event
        if valued.market_value is None:
            if sign > 0:
                insort(self.unmarked_markets, valued.market_ticker)
            else:
                del self.unmarked_markets[bisect_left(self.unmarked_markets, valued.market_ticker)]


def _moved(valued: ValuedMarket, market: Market) -> bool:
    """Whether a mark or a declaration changes the value of what is held in a market, or the event it counts to."""
    revalued = valued.is_open and valued.mark_bp != market.mark_bp
    return revalued or valued.event_ticker != market.event_ticker


_Valued = TypeVar("_Valued", ValuedMarket, ValuedSum)


def _changed_since(named: dict[str, _Valued], sequence: int) -> list[tuple[str, _Valued]]:
    """What changed after a sequence, of a dict in order of last change."""
    changed = []
    for name, one in reversed(named.items()):
        if one.sequence <= sequence:
            break
        changed.append((name, one))
    return changed
