"""What came after the last checkpoint, kept until the next one includes it."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from openpositions.core.events import Adjustment, Fill
from openpositions.core.identity import text_key
from openpositions.journal.base import Checkpoint, IndexedEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from openpositions.core.draft import AccountKey, Draft
    from openpositions.core.events import Entry
    from openpositions.core.identity import Identity
    from openpositions.core.market import Market
    from openpositions.core.position import Position, RowKey

_sequence_of = attrgetter("sequence")


class Unsaved:
    """Changed rows, markets and accounts, and the index of the entries that changed them."""

    def __init__(self, after: int) -> None:
        self.through = after
        self.entry_count = 0
        self._rows: dict[RowKey, Position] = {}
        self._markets: dict[str, Market] = {}
        self._accounts: dict[AccountKey, int] = {}
        self._busted: dict[int, int] = {}
        self._identities: dict[int, int] = {}
        self._same_key: list[tuple[int, int]] = []
        """Further entries whose identity hashes to a key that another entry has."""
        self._by_user: dict[str, list[Entry]] = {}

    def absorb(self, draft: Draft, keys: Mapping[Identity, int]) -> None:
        """Takes in what was just installed. `keys` spares hashing again the identities that were looked up."""
        self._rows.update(draft.rows)
        self._markets.update(draft.markets)
        self._accounts.update(draft.accounts)
        self._busted.update(draft.busted)
        self.through = draft.sequence
        self.entry_count += len(draft.entries)
        for identity, entry in draft.identities.items():
            sequence, event = entry
            key = keys.get(identity) or identity.key
            if self._identities.setdefault(key, sequence) != sequence:
                self._same_key.append((key, sequence))
            if isinstance(event, Fill | Adjustment):
                self._by_user.setdefault(event.user_id, []).append(entry)

    def with_keys(self, keys: AbstractSet[int]) -> Iterator[int]:
        """The sequences of the entries whose identity has one of these keys."""
        known = self._identities.keys() & keys
        if known:
            yield from (self._identities[key] for key in known)
            yield from (sequence for key, sequence in self._same_key if key in known)

    def with_key_in(self, ranges: list[tuple[int, int]]) -> Iterator[int]:
        """The sequences of the entries whose identity has a key in one of these ranges, ends included."""
        for key, sequence in (*self._identities.items(), *self._same_key):
            if any(first <= key <= last for first, last in ranges):
                yield sequence

    def entries_of(self, user_id: str) -> list[Entry]:
        """The fills and adjustments of a user, in order."""
        return self._by_user.get(user_id, [])

    def entries_in(self, user_id: str, after: int, through: int) -> Iterator[Entry]:
        """Of these the ones after a sequence, up to another."""
        entries = self.entries_of(user_id)
        for place in range(bisect_right(entries, after, key=_sequence_of), len(entries)):
            if entries[place].sequence > through:
                break
            yield entries[place]

    def checkpoint(self) -> Checkpoint:
        """All of it, in the form that is stored."""
        return Checkpoint(
            self.through,
            list(self._rows.values()),
            list(self._markets.values()),
            self._accounts,
            self._busted,
            [*self._identities.items(), *self._same_key],
            list(self._indexed()),
        )

    def _indexed(self) -> Iterator[IndexedEntry]:
        for user_id, entries in self._by_user.items():
            user_key = text_key(user_id)
            for sequence, event in entries:
                if isinstance(event, Fill | Adjustment):
                    ticker_key = text_key(event.market_ticker)
                    yield IndexedEntry(user_key, sequence, ticker_key, event.subaccount, isinstance(event, Fill))
