"""What a batch of events would change: an overlay on a book, so that each event sees the ones before it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Entry, Mark
from openpositions.core.identity import Identity, identity_of
from openpositions.core.market import Market, undeclared_market
from openpositions.core.position import Position, RowKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from openpositions.core.book import Book
    from openpositions.core.events import Event

AccountKey = tuple[str, int]
"""(user_id, subaccount)."""


class Change(NamedTuple):
    """What one entry did to one position."""

    before: Position
    after: Position
    cause: Event

    @property
    def sequence(self) -> int:
        """The journal's sequence of the cause."""
        return self.after.sequence


class MarketChange(NamedTuple):
    """What one entry did to one market."""

    before: Market
    after: Market
    sequence: int
    """The journal's sequence of the entry."""


class Recall(NamedTuple):
    """What the journal knows about the events of a batch; fetched before deciding, because deciding is pure."""

    recorded: Mapping[Identity, Entry]
    """Entries that have the identity of an event of the batch."""
    trades: Mapping[str, Sequence[Entry]]
    """By trade id, the fills of each trade that a bust of the batch names."""
    histories: Mapping[RowKey, Sequence[Entry]]
    """By row, in order, the entries of each row that a bust of the batch could touch."""


NOTHING_RECALLED = Recall({}, {}, {})


class Draft:
    """The changes of a batch: not yet durable, shown to nobody."""

    def __init__(self, book: Book, recall: Recall = NOTHING_RECALLED) -> None:
        self._book = book
        self.recall = recall
        self.sequence = book.sequence
        self.entries: list[Entry] = []
        self.identities: dict[int, Entry] = {}
        """By the key of its identity, each entry that the batch itself brought."""
        self.same_key: list[tuple[int, Entry]] = []
        """Further entries whose identity has a key that another one has."""
        self.changes: list[Change] = []
        self.market_changes: list[MarketChange] = []
        """Of markets: outcomes, marks and declarations."""
        self.rows: dict[RowKey, Position] = {}
        """The changed rows, in order of their last change."""
        self.markets: dict[str, Market] = {}
        self.accounts: dict[AccountKey, int] = {}
        self.busted: dict[int, int] = {}
        self._marks: dict[str, int] = {}
        """Where in `entries` the mark of each market is."""
        self._changed_in: dict[str, dict[RowKey, None]] = {}
        """By market, the rows changed up to `_indexed_through`."""
        self._indexed_through = book.sequence

    def row(self, key: RowKey) -> Position:
        """The row as it would be now; an empty one when there is none."""
        return self.rows.get(key) or self._book.row(key)

    def known_market(self, market_ticker: str) -> Market | None:
        """The market as it would be now; None when no event named it for its own sake."""
        return self.markets.get(market_ticker) or self._book.markets.get(market_ticker)

    def market(self, market_ticker: str) -> Market:
        """The market as it would be now; an undeclared open one when nothing is known of it."""
        return self.known_market(market_ticker) or undeclared_market(market_ticker)

    def account(self, key: AccountKey) -> int:
        """Micros of an account that no row explains: deposits, withdrawals and what adjustments state otherwise."""
        recent = self.accounts.get(key)
        return self._book.accounts_of(key[0]).get(key[1], 0) if recent is None else recent

    def is_busted(self, sequence: int) -> bool:
        """Whether the fill at this sequence was busted."""
        return sequence in self.busted or sequence in self._book.busted

    def holders(self, market_ticker: str) -> Iterator[Position]:
        """The rows of the market that are not flat."""
        for key in self._book.holders(market_ticker):
            row = self.row(key)
            if row.position:
                yield row
        self._index_rows()
        for key in self._changed_in.get(market_ticker, ()):
            row = self.row(key)
            if row.position and not self._book.row(key).position:
                yield row

    def entry_of(self, identity: Identity, key: int) -> Entry | None:
        """The recorded entry that has this identity, of the batch itself or of the journal."""
        of_key = (entry for same_key, entry in self.same_key if same_key == key)
        for entry in (self.identities.get(key), *of_key):
            if entry is not None and identity_of(entry.event) == identity:
                return entry
        return self.recall.recorded.get(identity)

    def identify(self, key: int, entry: Entry) -> None:
        """Remembers an entry by the key of its identity."""
        if self.identities.setdefault(key, entry) is not entry:
            self.same_key.append((key, entry))

    def append(self, entry: Entry, key: int | None) -> None:
        """Takes an entry into the order, and the key of its identity if it has one.

        Of the marks of a market in one commit only the latest is kept.
        """
        sequence, event = entry
        if key is not None:
            self.identify(key, entry)
        elif isinstance(event, Mark):
            place = self._marks.setdefault(event.market_ticker, len(self.entries))
            if place < len(self.entries):
                self.entries[place] = Entry(self.entries[place].sequence, event)
                return
        self.entries.append(entry)
        self.sequence = sequence

    def change(self, before: Position, after: Position, cause: Event) -> None:
        """Replaces a row, which becomes the last changed one."""
        key = after[:3]
        rows = self.rows
        if key in rows:
            del rows[key]
        rows[key] = after
        # The constructor of a named tuple costs twice what the tuple itself does.
        self.changes.append(tuple.__new__(Change, (before, after, cause)))

    def change_market(self, before: Market, after: Market, sequence: int) -> None:
        """Replaces what is known of a market."""
        self.markets[after.market_ticker] = after
        self.market_changes.append(MarketChange(before, after, sequence))

    def copy(self) -> Draft:
        """A draft that goes its own way from here; what the containers hold is immutable, so only they are copied."""
        twin = Draft(self._book, self.recall)
        for name, value in vars(self).items():
            if isinstance(value, dict | list):
                setattr(twin, name, value.copy())
        twin.sequence = self.sequence
        twin._indexed_through = self._indexed_through
        return twin

    def _index_rows(self) -> None:
        """Notes under their markets the rows that changed since the last call; they are the last of `rows`."""
        changed = list(takewhile(lambda row: row.sequence > self._indexed_through, reversed(self.rows.values())))
        for row in reversed(changed):
            self._changed_in.setdefault(row.market_ticker, {})[row.key] = None
        self._indexed_through = self.sequence


class RecoveryDraft(Draft):
    """A draft that keeps no changes, only the last state of each row: during a recovery nobody listens."""

    def change(self, before: Position, after: Position, cause: Event) -> None:  # noqa: ARG002 - the base keeps them as a change
        """Replaces a row, which becomes the last changed one."""
        key = after[:3]
        self.rows.pop(key, None)
        self.rows[key] = after
