"""A book with its journal in memory: the real rules, fed and recalled the way the service does it, without a disk."""

from collections.abc import Iterable, Sequence

import msgspec

from openpositions.core.book import Batch, Book
from openpositions.core.draft import Draft, Recall
from openpositions.core.events import Entry, Event, Fill, row_key_of
from openpositions.core.identity import Identity, identity_of
from openpositions.core.outcomes import Outcome, Refusal
from openpositions.core.position import Position, RowKey
from openpositions.core.valuation import balance


class JournaledBook:
    """Takes events in commits and remembers every entry."""

    def __init__(self) -> None:
        self.book = Book()
        self.entries: list[Entry] = []
        self._recorded: dict[Identity, Entry] = {}
        self._trades: dict[str, list[Entry]] = {}
        self._histories: dict[RowKey, list[Entry]] = {}

    def feed(self, *events: Event, atomic: bool = False) -> list[Outcome]:
        """One batch in a commit of its own."""
        return self.commit(Batch(events, atomic=atomic))[1][0]

    def commit(self, *batches: Batch) -> tuple[Draft, list[list[Outcome]]]:
        """Some batches in one commit."""
        recall = Recall(self._recorded, self._trades, self._histories)
        draft, outcomes = self.book.decide(batches, recall)
        self.book.install(draft)
        for entry in draft.entries:
            self._remember(entry)
        return draft, outcomes

    def row(self, user: str = "alice", subaccount: int = 0, ticker: str = "RAIN") -> Position:
        """The row as the book has it."""
        return self.book.row((user, subaccount, ticker))

    def cash(self, user: str = "alice", subaccount: int = 0) -> int:
        """The balance of a user's subaccount, in micros."""
        rows = [row for row in self.book.rows_of(user) if row.subaccount == subaccount]
        return balance(rows, self.book.accounts_of(user).get(subaccount, 0))

    def replayed(self, *, pieces: int = 1) -> Book:
        """A new book, made of the journal alone, in as many pieces."""
        book = Book()
        size = max(1, -(-len(self.entries) // pieces))
        for start in range(0, len(self.entries), size):
            book.replay(self.entries[start : start + size])
        return book

    def _remember(self, entry: Entry) -> None:
        self.entries.append(entry)
        identity = identity_of(entry.event)
        if identity is not None:
            self._recorded[identity] = entry
        if isinstance(entry.event, Fill):
            self._trades.setdefault(entry.event.trade_id, []).append(entry)
        key = row_key_of(entry.event)
        if key is not None:
            self._histories.setdefault(key, []).append(entry)


def book_after(*events: Event) -> JournaledBook:
    """A book that took these events, each in a commit of its own. One that is not accepted is a mistake of the test."""
    journaled = JournaledBook()
    for event in events:
        (outcome,) = journaled.feed(event)
        assert not isinstance(outcome, Refusal), outcome
    return journaled


def refusal_of(outcomes: Sequence[Outcome]) -> Refusal:
    """The refusal of the last of these outcomes."""
    outcome = outcomes[-1]
    assert isinstance(outcome, Refusal), outcome
    return outcome


def encoded(book: Book) -> bytes:
    """All that a book knows. Equal bytes are equal books: rows, their order of change, markets, accounts, busts."""
    users = sorted({row.user_id for row in book.rows()})
    return msgspec.json.encode(
        [
            book.sequence,
            [sorted(book.rows_of(user), key=_by_sequence) for user in users],
            [[row.sequence for row in book.rows_of(user)] for user in users],
            sorted(book.markets.values()),
            sorted(book.accounts().items()),
            sorted(book.busted.items()),
            [sorted(book.holders(ticker)) for ticker in _tickers(book.rows())],
        ]
    )


def _by_sequence(row: Position) -> tuple[int, RowKey]:
    return row.sequence, row.key


def _tickers(rows: Iterable[Position]) -> list[str]:
    return sorted({row.market_ticker for row in rows})
