"""What is kept of a service without extensions, whose frames have no numbers: rows come by REST, and then by frames.

Pure, as the follower is, which uses this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.client.rows import PositionRow, RowKey


class Closed(NamedTuple):
    """What became of a row whose market was settled."""

    row: PositionRow
    before: PositionRow | None = None
    """The row that it was, where the service lists no settlement: it is asked for again with the next seed."""


class Unnumbered:
    """Which subaccounts are read, which frames wait until they were, and whose settlements are known."""

    def __init__(self) -> None:
        self.subaccounts: set[int] = set()
        """Those that are read by REST: some were named, others showed in frames."""
        self._held: dict[RowKey, PositionRow] | None = None
        """The newest frames, while the seed is on its way."""
        self._closed: set[RowKey] = set()
        """Rows of settled markets, as the service told when it was asked what became of them."""
        self._awaited: dict[RowKey, PositionRow] = {}
        """Rows that are listed no more, nor their settlements, as they were before."""

    def begin(self) -> None:
        """A new connection: what was held back is gone with the one before."""
        self._held = None

    def hold_back(self) -> bool:
        """From now on frames wait for a seed; whether they did not before."""
        if self._held is not None:
            return False
        self._held = {}
        return True

    def holds(self, row: PositionRow) -> bool:
        """Takes the row of a frame, if frames wait; whether it did."""
        if self._held is None:
            return False
        self._held.pop(row.key, None)
        self._held[row.key] = row
        return True

    def release(self) -> dict[RowKey, PositionRow]:
        """The frames that waited, in their order."""
        held, self._held = self._held or {}, None
        return held

    def is_new(self, subaccount: int) -> bool:
        """Notes the subaccount of a frame; whether it has not been read so far."""
        if subaccount in self.subaccounts:
            return False
        self.subaccounts.add(subaccount)
        return True

    def missing(self, rows: Iterable[PositionRow], seed: Iterable[PositionRow], *, again: bool) -> list[PositionRow]:
        """The rows that a complete seed does not have, because their markets were settled.

        Each until its settlement was found, or again; as it was before, for that tells what the settlement made of it.
        """
        known = {row.key for row in seed} | (set() if again else self._closed)
        return [self._awaited.get(row.key, row) for row in rows if row.key not in known]

    def close(self, rows: Iterable[Closed]) -> None:
        """What became of these is known, or awaited."""
        for row, before in rows:
            self.reopen(row)
            if before is None:
                self._closed.add(row.key)
            else:
                self._awaited[row.key] = before

    def reopen(self, row: PositionRow) -> None:
        """Something else came of it."""
        self._closed.discard(row.key)
        self._awaited.pop(row.key, None)
