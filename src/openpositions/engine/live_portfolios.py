"""The portfolios that connections follow, each kept once however many follow it; and which users a mark concerns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from openpositions.core.live_portfolio import LivePortfolio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.core.book import Book
    from openpositions.core.draft import MarketChange

View = tuple[str, int | None]
"""A user, and the subaccount that is in view; None for all."""


# Counting this many takes some 5 ms, after which other work gets its turn.
ROWS_A_LOOK = 1_000


class LivePortfolios:
    """Valued portfolios by view. Rows are never brought here: a portfolio looks for them when it is looked at."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._followers: Counter[View] = Counter()
        self._portfolios: dict[View, LivePortfolio] = {}
        self._views_of: dict[str, dict[View, None]] = {}
        """By market, the portfolios that have a row in it."""
        self._markets_of: dict[View, list[str]] = {}
        """The same the other way round."""

    def follow(self, view: View) -> None:
        """One more looks at it from now on."""
        self._followers[view] += 1

    def leave(self, view: View) -> None:
        """One less; with the last one the portfolio is forgotten."""
        self._followers[view] -= 1
        if not self._followers[view]:
            del self._followers[view]
            self._forget(view)

    def current(self, view: View) -> LivePortfolio | None:
        """The followed portfolio as of now; None when that takes another look, with other work between."""
        portfolio = self._portfolios.get(view)
        if portfolio is None:
            portfolio = self._portfolios[view] = LivePortfolio(self._book, *view)
            self._markets_of[view] = []
        try:
            for market_ticker in portfolio.refresh(ROWS_A_LOOK):
                self._views_of.setdefault(market_ticker, {})[view] = None
                self._markets_of[view].append(market_ticker)
        except Exception:
            # It may have counted half of a change: the next look makes a new one from the rows.
            self._forget(view)
            raise
        return portfolio if portfolio.is_current else None

    def touch(self, changes: Iterable[MarketChange]) -> set[str]:
        """Notes which markets have another mark or event now; the users whose followed portfolios that changes."""
        return {
            view[0]
            for _, market, _ in changes
            for view in self._views_of.get(market.market_ticker, ())
            if self._portfolios[view].touch(market)
        }

    def _forget(self, view: View) -> None:
        self._portfolios.pop(view, None)
        for market_ticker in self._markets_of.pop(view, ()):
            views = self._views_of[market_ticker]
            del views[view]
            if not views:
                del self._views_of[market_ticker]
