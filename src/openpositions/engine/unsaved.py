"""What came after the last checkpoint, kept until the next one includes it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from openpositions.core.events import Adjustment, Fill, Mark
from openpositions.core.identity import text_key
from openpositions.journal.base import Checkpoint, IndexedEntry, IndexedMark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from openpositions.core.draft import AccountKey, Draft
    from openpositions.core.events import Entry
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
        self._sorted_keys: list[int] = []
        """The keys of identities, as far as `_keys_in_order` was asked for them."""
        self._same_key: list[tuple[int, int]] = []
        """Further entries whose identity hashes to a key that another entry has."""
        self._by_user: defaultdict[str, list[Entry]] = defaultdict(list)
        self._marks: defaultdict[str, list[Entry]] = defaultdict(list)
        """By market. In order, which is also the order of their times."""

    def absorb(self, draft: Draft) -> None:
        """Takes in what was just installed."""
        self._rows.update(draft.rows)
        self._markets.update(draft.markets)
        self._accounts.update(draft.accounts)
        self._busted.update(draft.busted)
        self.through = draft.sequence
        self.entry_count += len(draft.entries)
        self._index(draft)
        by_user = self._by_user
        for entry in draft.entries:
            event = entry[1]
            if type(event) is Fill or type(event) is Adjustment:
                by_user[event.user_id].append(entry)
            elif type(event) is Mark:
                self._marks[event.market_ticker].append(entry)

    def _index(self, draft: Draft) -> None:
        known, new = self._identities, draft.identities
        self._same_key += [(key, entry[0]) for key, entry in draft.same_key]
        if not known.keys().isdisjoint(new):
            self._same_key += [(key, new.pop(key)[0]) for key in known.keys() & new.keys()]
        known.update(zip(new, [entry[0] for entry in new.values()], strict=True))

    def with_keys(self, keys: AbstractSet[int]) -> Iterator[int]:
        """The sequences of the entries whose identity has one of these keys."""
        known = self._identities.keys() & keys
        if known:
            yield from (self._identities[key] for key in known)
            yield from (sequence for key, sequence in self._same_key if key in known)

    def with_key_in(self, ranges: list[tuple[int, int]]) -> Iterator[int]:
        """The sequences of the entries whose identity has a key in one of these ranges, ends included."""
        keys = self._keys_in_order()
        for first, last in ranges:
            for key in keys[bisect_left(keys, first) : bisect_right(keys, last)]:
                yield self._identities[key]
        for key, sequence in self._same_key:
            if any(first <= key <= last for first, last in ranges):
                yield sequence

    def _keys_in_order(self) -> list[int]:
        """The keys of all identities. Only the first call sorts them all; a later one merges in the new ones."""
        keys = self._sorted_keys
        if len(keys) < len(self._identities):
            keys += list(islice(self._identities, len(keys), None))
            keys.sort()
        return keys

    def entries_in(self, user_id: str, after: int, through: int, *, newest_first: bool = False) -> Iterator[Entry]:
        """The fills and adjustments of a user after a sequence, up to another."""
        entries = self._by_user.get(user_id, [])
        first, end = (bisect_right(entries, sequence, key=_sequence_of) for sequence in (after, through))
        for place in reversed(range(first, end)) if newest_first else range(first, end):
            yield entries[place]

    def marks_of(self, market_ticker: str) -> list[Entry]:
        """The marks of a market, in order of time and sequence."""
        return self._marks.get(market_ticker, [])

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
            [
                IndexedMark(text_key(ticker), entry.event.ts_ms, entry.sequence)
                for ticker, marks in self._marks.items()
                for entry in marks
            ],
        )

    def _indexed(self) -> Iterator[IndexedEntry]:
        for user_id, entries in self._by_user.items():
            user_key = text_key(user_id)
            for sequence, event in entries:
                if type(event) is Fill or type(event) is Adjustment:
                    ticker_key, is_fill = text_key(event.market_ticker), type(event) is Fill
                    # The constructor of a named tuple costs twice what the tuple itself does.
                    yield tuple.__new__(IndexedEntry, (user_key, sequence, ticker_key, event.subaccount, is_fill))
