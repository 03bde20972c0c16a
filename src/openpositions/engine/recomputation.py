"""A book made from entry 1, every invariant checked at every step (accounting, "What must always hold")."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from openpositions.core.book import Book
from openpositions.core.busts import count_bust
from openpositions.core.draft import Draft, Recall
from openpositions.core.events import Adjustment, Bust, Entry, Fill, row_key_of
from openpositions.core.invariants import cost_violation, market_violation, money_violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpositions.core.draft import Change
    from openpositions.core.position import Position, RowKey

# A journal that is wrong everywhere would fill the memory with sentences.
_MOST_NAMED = 100


class Findings:
    """Sentences about what is not as it must be: all counted, the first ones kept."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[str] = []

    def add(self, difference: str) -> None:
        """Notes one difference."""
        self.count += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(difference)


class Recomputation:
    """Takes the entries of a journal in order, and notes in `findings` whatever does not hold.

    `busts` are the entries of all busts to come: only the fills and the rows that they name are remembered, so that
    each bust can be counted again when it comes.
    """

    def __init__(self, findings: Findings, busts: Iterable[Entry]) -> None:
        self.book = Book()
        self.busts = 0
        """Busts counted again."""
        self.balanced_markets = 0
        """Markets to which invariant 5 applied."""
        self._findings = findings
        self._trades: dict[str, list[Entry]] = {}
        self._histories: dict[RowKey, list[Entry]] = {}
        for _, event in busts:
            if isinstance(event, Bust):
                self._trades[event.trade_id] = []
                self._histories.update((row.key, []) for row in event.rows)
        self._adjusted: dict[RowKey, tuple[int, int]] = {}
        """Micros of cost and of realized P&L that adjustments stated."""
        self._unpaired: Counter[str] = Counter()
        """Per market, the standing fills summed up so that those of a whole trade cancel each other."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes in the next entries."""
        start = 0
        for place, (sequence, event) in enumerate(entries):
            if isinstance(event, Bust):
                self._replay(entries[start:place])
                self._count_again(event, sequence)
                start = place
        self._replay(entries[start:])

    def finish(self) -> None:
        """Checks what holds for whole markets, after the last entry."""
        adjusted = {ticker for _, _, ticker in self._adjusted}
        rows_of: dict[str, list[Position]] = defaultdict(list)
        for row in self.book.rows():
            if not self._unpaired[row.market_ticker] and row.market_ticker not in adjusted:
                rows_of[row.market_ticker].append(row)
        for ticker, rows in rows_of.items():
            market = self.book.market(ticker)
            violation = market_violation(rows, settled_at_value=market.settled and market.value_bp is not None)
            if violation:
                self._findings.add(f"market {ticker}: {violation}")
        self.balanced_markets = len(rows_of)

    def _replay(self, entries: Sequence[Entry]) -> None:
        for change in self.book.replay(entries).changes:
            self._check(change)
        for entry in entries:
            event = entry.event
            if isinstance(event, Fill):
                self._pair(event, event.count_centi)
                if event.trade_id in self._trades:
                    self._trades[event.trade_id].append(entry)
            key = row_key_of(event) if self._histories else None
            if key in self._histories:
                self._histories[key].append(entry)

    def _check(self, change: Change) -> None:
        row, cause = change.after, change.cause
        key = row[:3]
        cost, realized_pnl = self._adjusted.get(key, (0, 0))
        if isinstance(cause, Adjustment):
            cost, realized_pnl = cost + cause.cost_micros, realized_pnl + cause.realized_pnl_micros
            self._adjusted[key] = cost, realized_pnl
        violation = cost_violation(row) or money_violation(row, cost, realized_pnl)
        if violation:
            self._findings.add(
                f"position {row.user_id} {row.subaccount} {row.market_ticker} at entry {row.sequence}: {violation}"
            )

    def _pair(self, fill: Fill, count_centi: int) -> None:
        """Adds a fill to its market's sum, or takes it out again with a negative count.

        Opposite sides of one trade at one price cancel. A market whose sum is 0 had both sides of every trade, but for
        a chance of 2^-60 or so: the hash of a text is seeded anew in every process.
        """
        signed = count_centi if fill.acquires_yes else -count_centi
        self._unpaired[fill.market_ticker] += signed * hash((fill.trade_id, fill.yes_price_bp))

    def _count_again(self, bust: Bust, sequence: int) -> None:
        """Holds a bust against what its trade and the histories of its rows make of it, in the book before it."""
        bare = msgspec.structs.replace(bust, fills=(), rows=())
        draft = Draft(self.book, Recall({}, self._trades, self._histories))
        counted = count_bust(draft, bare, sequence, recorded=True)
        self.busts += 1
        if counted != bust:
            self._findings.add(
                f"bust {bust.bust_id} at entry {sequence}: it records {bust}, the journal makes it {counted}"
            )
        for fill_sequence, fill in self._trades.get(bust.trade_id, ()):
            if isinstance(fill, Fill) and fill_sequence in bust.fills:
                self._pair(fill, -fill.count_centi)
