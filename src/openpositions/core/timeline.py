"""Entries of rows in the order in which the book took them, settlements and busts in their places."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import msgspec

from openpositions.core.events import Bust, Entry, Settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from openpositions.core.history import HistoryEntry
    from openpositions.core.market import Market
    from openpositions.core.position import RowKey


class Timeline:
    """Takes the fills and adjustments of some rows in order, and puts in what else changed those rows.

    `markets` are those of the rows, as they were at the end of the timeline; `holds` tells which rows are meant.
    Replayed in an empty book, the entries make of these rows what the book had after each of them.
    """

    def __init__(self, markets: Iterable[Market], holds: Callable[[RowKey], bool]) -> None:
        self._holds = holds
        settlements = {market.settled_sequence: market for market in markets if market.settled_sequence}
        self._waiting: list[tuple[int, Market | Bust]] = sorted(settlements.items())
        self._busts: set[int] = set()

    def take(self, items: Iterable[HistoryEntry]) -> Iterator[Entry]:
        """The next entries, and what came between them."""
        for entry, bust in items:
            yield from self._before(entry.sequence)
            yield entry
            if bust is not None and isinstance(bust.event, Bust) and bust.sequence not in self._busts:
                self._busts.add(bust.sequence)
                heappush(self._waiting, (bust.sequence, bust.event))

    def finish(self) -> Iterator[Entry]:
        """What came after the last of them."""
        yield from self._before(None)

    def _before(self, sequence: int | None) -> Iterator[Entry]:
        while self._waiting and (sequence is None or self._waiting[0][0] < sequence):
            at, what = heappop(self._waiting)
            if isinstance(what, Bust):
                own = tuple(row for row in what.rows if self._holds(row.key))
                yield Entry(at, msgspec.structs.replace(what, rows=own))
            else:
                yield Entry(
                    at, Settlement(what.market_ticker, what.result or "", what.value_bp, what.settled_ts_ms or 0)
                )
