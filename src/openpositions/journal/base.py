"""The contract of what is durable, in words and types, before any backend.

A **journal** is the list of entries, in order, contiguous from 1. It alone is the truth: everything else can be
computed from it again. A **checkpoint** is a book plus the sequence it includes, with indexes over the entries up to
there: who has which identity, which entries belong to which user, and which are marks of which market. It exists so
that a start need not read the whole journal, and so that the commit path never touches an index.

Both promise:

- What `append` or `save` returned from is on the disk. What it raised from may or may not be: the caller must stop, and
  learn it from a new start.
- Errors are JournalCorrupt, JournalTooNew and JournalUnavailable, never a driver's own.
- One process holds a data directory; the second gets JournalLocked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from openpositions.core.draft import AccountKey
    from openpositions.core.events import Entry
    from openpositions.core.market import Market
    from openpositions.core.position import Position


class Journal(Protocol):
    """The entries, in order."""

    epoch: str
    """Names this history: made with the data directory, another one after a backup was restored."""
    head: int
    """The sequence of the last durable entry; 0 when there is none."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Makes the entries durable in one commit. Their sequences follow `head` without a gap."""

    async def read(self, sequences: Iterable[int]) -> list[Entry]:
        """The entries at these sequences, in ascending order; one that is not there is an error."""

    def scan(self, after: int) -> Iterator[list[Entry]]:
        """Every entry after a sequence, in order, in lists of a bounded length, each checked against its checksum.

        Blocking: for recovery and verification.
        """

    async def close(self) -> None:
        """Lets go of the files. Nothing is lost without it."""


class IndexedEntry(NamedTuple):
    """Where one fill or adjustment stands in the journal, and whose it is."""

    user_key: int
    """`core.identity.text_key` of the user id."""
    sequence: int
    ticker_key: int
    """`core.identity.text_key` of the market ticker."""
    subaccount: int
    is_fill: bool
    """A fill; otherwise an adjustment."""


class IndexedMark(NamedTuple):
    """Where one mark stands in the journal, and which market it is of."""

    ticker_key: int
    """`core.identity.text_key` of the market ticker."""
    ts_ms: int
    sequence: int


class Checkpoint(NamedTuple):
    """What changed since the checkpoint before; for the first one, everything."""

    through: int
    """The sequence that the checkpoint includes."""
    rows: Sequence[Position]
    markets: Sequence[Market]
    accounts: Mapping[AccountKey, int]
    busted: Mapping[int, int]
    """The sequences of busted fills, and of their busts."""
    identities: Sequence[tuple[int, int]]
    """(key, sequence) of every entry with an identity."""
    entries: Sequence[IndexedEntry]
    marks: Sequence[IndexedMark] = ()


class EntryRange(NamedTuple):
    """Which of a user's entries are wanted. Keys are hashes: the caller compares the entries themselves."""

    user_key: int
    after: int
    """Only entries with a higher sequence."""
    through: int
    """Up to this one."""
    ticker_keys: tuple[int, ...] | None = None
    """Of any of these markets; None for all."""
    subaccount: int | None = None
    fills_only: bool = False
    newest_first: bool = False


class MarkRange(NamedTuple):
    """Which marks are wanted: of some markets, in a span of their own times, one in so many milliseconds."""

    ticker_keys: tuple[int, ...]
    since_ms: int
    """Of this time or later."""
    until_ms: int
    """Before this one."""
    every_ms: int
    """Of those of a market between two multiples of this, only the last."""
    through: int
    """Only entries up to this sequence."""


class CheckpointStore(Protocol):
    """The latest checkpoint, and its indexes."""

    through: int
    """The sequence that the stored checkpoint includes; 0 when there is none."""

    def load_rows(self) -> Iterator[Position]:
        """The rows, in order of their sequence. Blocking: for recovery."""

    def load_rest(self) -> Checkpoint:
        """Markets, accounts and busts of the stored checkpoint; its rows and indexes left out. Blocking."""

    async def save(self, checkpoint: Checkpoint) -> None:
        """Adds what changed since the checkpoint before, in one commit."""

    async def find(self, keys: Sequence[int], ranges: Sequence[tuple[int, int]]) -> list[int]:
        """The sequences of entries whose identity has one of these keys, or one in these ranges (ends included)."""

    async def entries_in(self, wanted: EntryRange, limit: int) -> list[int]:
        """The sequences of a user's entries, in the wanted order, at most `limit`."""

    async def marks_in(self, wanted: MarkRange) -> list[int]:
        """The sequences of marks, in no order."""

    async def last_marks(self, wanted: MarkRange) -> list[int]:
        """The sequence of the last mark of each market before the span."""

    async def close(self) -> None:
        """Lets go of the file. Nothing is lost without it."""
