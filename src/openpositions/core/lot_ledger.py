"""The lots of all rows of a user, and their disposals in the order in which they happened."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from openpositions.core.events import row_key_of
from openpositions.core.lots import RowLots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpositions.core.history import HistoryEntry
    from openpositions.core.lots import Disposal, Lot
    from openpositions.core.market import Market
    from openpositions.core.position import Position, RowKey


class LotLedger:
    """Takes the entries of a user in order. `rows` are all that the user has, each with its market.

    Memory grows with the rows and their open lots, not with the entries.
    """

    def __init__(self, rows: Iterable[tuple[RowKey, Market]]) -> None:
        self._markets = dict(rows)
        self._lots: dict[RowKey, RowLots] = {}
        self._gains: Counter[RowKey] = Counter()
        self._fees: Counter[RowKey] = Counter()
        self._settlements = deque(
            sorted((market.settled_sequence, key) for key, market in self._markets.items() if market.settled_sequence)
        )

    def take(self, item: HistoryEntry) -> Iterator[Disposal]:
        """What the next entry disposed of, after the settlements before it. A busted fill disposes of nothing."""
        yield from self._settle_before(item.entry.sequence)
        key = row_key_of(item.entry.event)
        if key is None or item.bust is not None:
            return
        lots = self._lots.get(key)
        if lots is None:
            lots = self._lots[key] = RowLots(key, self._markets[key])
        yield from self._counted(lots.take(item.entry))

    def finish(self) -> Iterator[Disposal]:
        """What was disposed of after the last entry."""
        yield from self._settle_before(None)

    def open_lots(self) -> Iterator[tuple[RowKey, Lot]]:
        """What is still held, by row, the longest held first."""
        for key, lots in sorted(self._lots.items()):
            yield from ((key, lot) for lot in lots.open)

    def violation(self, row: Position) -> str | None:
        """What does not add up to the row that the book has; None when all does.

        Gains - basis of the open lots is realized P&L - cost, fees are fees, contracts are contracts.
        """
        lots = self._lots[row.key].open if row.key in self._lots else ()
        gained = self._gains[row.key] - sum(lot.basis_micros for lot in lots)
        if gained != row.realized_pnl - row.cost:
            return f"gains less basis are {gained} micros, realized P&L less cost {row.realized_pnl - row.cost}"
        fees = self._fees[row.key] + sum(lot.fees_micros for lot in lots)
        if fees != row.fees_paid:
            return f"fees are {fees} micros, the row paid {row.fees_paid}"
        held = sum(lot.count_centi if lot.is_yes else -lot.count_centi for lot in lots)
        if held != row.position:
            return f"lots hold {held}/100 contracts, the row {row.position}"
        return None

    def _settle_before(self, sequence: int | None) -> Iterator[Disposal]:
        while self._settlements and (sequence is None or self._settlements[0][0] < sequence):
            _, key = self._settlements.popleft()
            if key in self._lots:
                yield from self._counted(self._lots[key].settle())

    def _counted(self, disposals: list[Disposal]) -> list[Disposal]:
        for disposal in disposals:
            self._gains[disposal.key] += disposal.gain_micros
            self._fees[disposal.key] += disposal.fees_micros + (disposal.lot.fees_micros if disposal.lot else 0)
        return disposals
