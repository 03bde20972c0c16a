"""What is kept of a service without extensions, whose frames have no numbers: rows come by REST, and then by frames.

Pure, as the follower is, which uses this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.client.rows import PositionRow, RowKey


class Unnumbered:
    """Which subaccounts are read, which frames wait until they were, and whose settlements are known."""

    def __init__(self) -> None:
        self.subaccounts: set[int] = set()
        """Those that are read by REST: some were named, others showed in frames."""
        self._held: dict[RowKey, PositionRow] | None = None
        """The newest frames, while the seed is on its way."""
        self._closed: set[RowKey] = set()
        """Rows of settled markets, as the service told when it was asked what became of them."""

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
        """The rows that a complete seed does not have, because their markets were settled; each once, or again."""
        known = {row.key for row in seed} | (set() if again else self._closed)
        return [row for row in rows if row.key not in known]

    def close(self, rows: Iterable[PositionRow]) -> None:
        """What became of these is known."""
        self._closed.update(row.key for row in rows)

    def reopen(self, row: PositionRow) -> None:
        """Something else came of it."""
        self._closed.discard(row.key)
