"""What the journal knows, found again: by identity, by trade, by user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.draft import NOTHING_RECALLED, Recall
from openpositions.core.events import Bust, Entry, Event, Fill, row_key_of
from openpositions.core.identity import Identity, identity_of, text_key, trade_key_range
from openpositions.engine.checkpointing import Checkpointing
from openpositions.engine.marks import Marks
from openpositions.journal.base import EntryRange

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from openpositions.core.book import Batch
    from openpositions.core.position import RowKey
    from openpositions.engine.unsaved import Unsaved
    from openpositions.journal.base import CheckpointStore, Journal

# Passing over this many in memory takes about half a millisecond, after which other work gets its turn.
_ENTRIES_A_TURN = 1_000

_ALL = 1 << 62


class Span(NamedTuple):
    """Which of a user's fills and adjustments are wanted, and in which order."""

    after: int
    """Only entries with a higher sequence."""
    through: int
    """Up to this one."""
    tickers: frozenset[str] | None = None
    """Of any of these markets; None for all."""
    subaccount: int | None = None
    """Of this one; None for all."""
    fills_only: bool = False
    newest_first: bool = False

    def includes(self, user_id: str, entry: Entry) -> bool:
        """Whether an entry is one of these. Indexes go by hashes: what they found is compared here."""
        key = row_key_of(entry.event)
        return (
            key is not None
            and key[0] == user_id
            and self.subaccount in {None, key[1]}
            and (self.tickers is None or key[2] in self.tickers)
            and (not self.fills_only or isinstance(entry.event, Fill))
        )

    def beyond(self, sequence: int) -> Span:
        """What is left of it when everything up to a sequence was given, that one included."""
        return self._replace(through=sequence - 1) if self.newest_first else self._replace(after=sequence)

    def stored(self, user_id: str) -> EntryRange:
        """The same for the store."""
        keys = None if self.tickers is None else tuple(map(text_key, self.tickers))
        return EntryRange(
            text_key(user_id), self.after, self.through, keys, self.subaccount, self.fills_only, self.newest_first
        )


class Archive:
    """The journal and its checkpoints, seen as one. Entries after the last checkpoint are indexed in memory."""

    def __init__(self, journal: Journal, checkpoints: CheckpointStore, busted: Container[int]) -> None:
        self._journal = journal
        self._busted = busted
        """The sequences of the busted fills, as the book knows them."""
        self._checkpoints = checkpoints
        self.checkpointing = Checkpointing(checkpoints)

    async def recall(self, batches: Iterable[Batch]) -> Recall:
        """What the journal knows about the events of these batches, and nothing in the common case."""
        batches = list(batches)
        keys = {key for batch in batches for key in batch.keys if key is not None}
        busts = [event for batch in batches for event in batch.events if type(event) is Bust]
        found = await self._find(keys, [trade_key_range(bust.trade_id) for bust in busts])
        if not found and not busts:
            return NOTHING_RECALLED
        entries = await self._journal.read(found)
        recorded: dict[Identity, Entry] = {}
        trades: dict[str, list[Entry]] = {}
        for entry in entries:
            identity = identity_of(entry.event)
            if identity is not None:
                recorded[identity] = entry
            if isinstance(entry.event, Fill):
                trades.setdefault(entry.event.trade_id, []).append(entry)
        histories = await self._histories_for(busts, trades, batches)
        return Recall(recorded, trades, histories)

    async def fills(
        self, user_id: str, *, ticker: str | None, subaccount: int | None, before: int | None, limit: int
    ) -> list[Entry]:
        """The standing fills of a user, newest first, below a sequence where one is given.

        Fewer than `limit` may be given although there are more; none only when there are no more.
        """
        tickers = None if ticker is None else frozenset({ticker})
        through = _ALL if before is None else before - 1
        span = Span(0, through, tickers, subaccount, fills_only=True, newest_first=True)
        while entries := await self.entries_in(user_id, span, limit):
            standing = [entry for entry in entries if entry.sequence not in self._busted]
            if standing:
                return standing
            span = span.beyond(entries[-1].sequence)
        return []

    async def history(self, key: RowKey) -> list[Entry]:
        """The fills and adjustments of a row, in order. Busted fills are among them."""
        user_id, subaccount, ticker = key
        return await self.entries_in(user_id, Span(0, _ALL, frozenset({ticker}), subaccount), _ALL)

    async def entries_in(self, user_id: str, span: Span, limit: int) -> list[Entry]:
        """The fills, busted ones included, and adjustments of a user, at most `limit`.

        What is to be read must have been absorbed. Fewer than `limit`, or none, are given only when there are no more.
        """
        # An entry only ever moves from memory into the store. So memory is captured first; and where what was found
        # there went into the store meanwhile, it is not given again.
        in_memory = self.checkpointing.unsaved
        if span.newest_first:
            found = await _in_memory(in_memory[::-1], user_id, span, limit)
            rest = span.beyond(found[-1].sequence) if found else span
            return found + await self._in_store(user_id, rest, limit - len(found))
        found = await self._in_store(user_id, span, limit)
        rest = span.beyond(found[-1].sequence) if found else span
        return found + await _in_memory(in_memory, user_id, rest, limit - len(found))

    def scan(self) -> Iterator[list[Entry]]:
        """Every entry, in order, in lists of a bounded length. Blocking."""
        return self._journal.scan(0)

    def marks(self) -> Marks:
        """The marks of markets, as of now."""
        return Marks(self._journal, self._checkpoints, self.checkpointing.unsaved)

    async def read(self, sequences: Iterable[int]) -> dict[int, Entry]:
        """Entries by their sequences."""
        return {entry.sequence: entry for entry in await self._journal.read(sequences)}

    async def _find(self, keys: set[int], ranges: list[tuple[int, int]]) -> list[int]:
        """Sequences by identity key. Memory is searched before the store: an entry only ever moves that way."""
        found: set[int] = set()
        for unsaved in self.checkpointing.unsaved:
            found.update(unsaved.with_keys(keys))
            if ranges:
                found.update(unsaved.with_key_in(ranges))
        if self._checkpoints.through:
            found.update(await self._checkpoints.find(list(keys), ranges))
        return sorted(found)

    async def _histories_for(
        self, busts: Sequence[Bust], trades: dict[str, list[Entry]], batches: Sequence[Batch]
    ) -> dict[RowKey, list[Entry]]:
        """The history of every row that these busts could touch: of recorded fills, and of fills of the batches."""
        if not busts:
            return {}
        named = {bust.trade_id for bust in busts}
        coming = (event for batch in batches for event in batch.events if isinstance(event, Fill))
        events: list[Event] = [event for event in coming if event.trade_id in named]
        events += [entry.event for trade_id in named for entry in trades.get(trade_id, ())]
        keys = dict.fromkeys(key for event in events if (key := row_key_of(event)))
        return {key: await self.history(key) for key in keys}

    async def _in_store(self, user_id: str, span: Span, limit: int) -> list[Entry]:
        """What the last checkpoint includes of a span."""
        found: list[Entry] = []
        while (missing := limit - len(found)) and self._checkpoints.through > span.after:
            sequences = await self._checkpoints.entries_in(span.stored(user_id), missing)
            entries = await self.read(sequences)
            found += [entry for entry in map(entries.__getitem__, sequences) if span.includes(user_id, entry)]
            if len(sequences) < missing:
                break
            span = span.beyond(sequences[-1])
        return found


async def _in_memory(in_memory: Iterable[Unsaved], user_id: str, span: Span, limit: int) -> list[Entry]:
    """What came after the last checkpoint of a span."""
    found: list[Entry] = []
    for unsaved in in_memory:
        entries = unsaved.entries_in(user_id, span.after, span.through, newest_first=span.newest_first)
        for passed, entry in enumerate(entries, start=1):
            if len(found) == limit:
                return found
            if passed % _ENTRIES_A_TURN == 0:
                await asyncio.sleep(0)
            if span.includes(user_id, entry):
                found.append(entry)
    return found
