"""What the journal knows, found again: by identity, by trade, by user. And the checkpoints that make finding quick."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.draft import NOTHING_RECALLED, Recall
from openpositions.core.events import Bust, Entry, Event, Fill, row_key_of
from openpositions.core.identity import Identity, identity_of, text_key, trade_key_range
from openpositions.engine.marks import Marks
from openpositions.engine.unsaved import Unsaved
from openpositions.journal.base import EntryFilter, EntryRange

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from openpositions.core.book import Batch
    from openpositions.core.draft import Draft
    from openpositions.core.position import RowKey
    from openpositions.journal.base import CheckpointStore, Journal

# A checkpoint writes each changed row once, however often it changed, so rarer is cheaper; what it bounds is the
# memory of the unsaved index (about 300 bytes an entry) and the tail that a start replays (2 s).
ENTRIES_A_CHECKPOINT = 300_000

# Passing over this many in memory takes about half a millisecond, after which other work gets its turn.
_ENTRIES_A_TURN = 1_000

# What a start may read on while an earlier part of a long tail is still being saved, in checkpoints: the memory again.
CHECKPOINTS_UNSAVED = 4

_ALL = 1 << 62


class Span(NamedTuple):
    """Which of a user's entries are wanted."""

    after: int
    """Only entries with a higher sequence."""
    through: int
    """Up to this one."""
    tickers: frozenset[str] | None = None
    """Of any of these markets; None for all."""
    subaccount: int | None = None
    """Of this one; None for all."""

    def includes(self, user_id: str, entry: Entry) -> bool:
        """Whether an entry is one of these. Indexes go by hashes: what they found is compared here."""
        key = row_key_of(entry.event)
        return (
            key is not None
            and key[0] == user_id
            and self.subaccount in {None, key[1]}
            and (self.tickers is None or key[2] in self.tickers)
        )


class Archive:
    """The journal and its checkpoints, seen as one. Entries after the last checkpoint are indexed in memory."""

    def __init__(self, journal: Journal, checkpoints: CheckpointStore, busted: Container[int]) -> None:
        self._journal = journal
        self._busted = busted
        """The sequences of the busted fills, as the book knows them."""
        self._checkpoints = checkpoints
        self._current = Unsaved(checkpoints.through)
        self._sealed: Unsaved | None = None
        """What a checkpoint now being written includes; searched until it is durable."""
        self._saving: asyncio.Task[None] | None = None
        self.on_saved: Callable[[], None] | None = None
        """Called when a checkpoint that was started is saved, or failed."""

    @property
    def is_crowded(self) -> bool:
        """Whether so much is unsaved that no more should come in before a checkpoint is made."""
        return self._current.entry_count >= CHECKPOINTS_UNSAVED * ENTRIES_A_CHECKPOINT

    def absorb(self, draft: Draft) -> None:
        """Indexes what was just installed."""
        self._current.absorb(draft)

    def start_checkpoint_when_due(self) -> None:
        """Begins a checkpoint when enough came in and none is under way. Raises what the one before failed with."""
        if self._saving is not None and self._saving.done():
            self._saving.result()
            self._saving = None
        if self._saving is None and self._current.entry_count >= ENTRIES_A_CHECKPOINT:
            self._saving = asyncio.create_task(self.save_checkpoint())
            self._saving.add_done_callback(self._saved)

    async def finish_checkpoint(self) -> None:
        """Waits for the checkpoint that was started, if there is one. Its failure is raised when the next is due."""
        if self._saving is not None:
            await asyncio.wait([self._saving])

    async def save_checkpoint(self) -> None:
        """Makes a checkpoint of everything absorbed so far, while more may come in."""
        if self._sealed is not None or self._current.through == self._checkpoints.through:
            return
        self._sealed, self._current = self._current, Unsaved(self._current.through)
        # Nothing is added to what is sealed, so a thread may take its time with it.
        await self._checkpoints.save(await asyncio.to_thread(self._sealed.checkpoint))
        self._sealed = None

    def _saved(self, _: asyncio.Task[None]) -> None:
        if self.on_saved is not None:
            self.on_saved()

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
        span = Span(0, _ALL if before is None else before - 1, tickers, subaccount)
        while entries := await self._entries_back(user_id, span, limit, fills_only=True):
            standing = [entry for entry in entries if entry.sequence not in self._busted]
            if standing:
                return standing
            span = span._replace(through=entries[-1].sequence - 1)
        return []

    async def history(self, key: RowKey) -> list[Entry]:
        """The fills and adjustments of a row, in order. Busted fills are among them."""
        user_id, subaccount, ticker = key
        span = Span(0, _ALL, frozenset({ticker}), subaccount)
        newest_first = await self._entries_back(user_id, span, _ALL, fills_only=False)
        return newest_first[::-1]

    async def entries_in(self, user_id: str, span: Span, limit: int) -> list[Entry]:
        """The fills, busted ones included, and adjustments of a user, oldest first, at most `limit`.

        What is to be read must have been absorbed. Fewer than `limit`, or none, are given only when there are no more.
        """
        kept = [unsaved for unsaved in (self._sealed, self._current) if unsaved is not None]
        found: list[Entry] = []
        after = span.after
        while len(found) < limit and self._checkpoints.through > after:
            keys = None if span.tickers is None else tuple(map(text_key, span.tickers))
            wanted = EntryRange(text_key(user_id), after, span.through, keys, span.subaccount)
            sequences = await self._checkpoints.entries_in(wanted, limit - len(found))
            if not sequences:
                break
            after = sequences[-1]
            found += [entry for entry in await self._journal.read(sequences) if span.includes(user_id, entry)]
        # A checkpoint may have become durable meanwhile: what the store gave is not to be given again.
        for unsaved in kept:
            for passed, entry in enumerate(unsaved.entries_in(user_id, after, span.through), start=1):
                if len(found) == limit:
                    return found
                if passed % _ENTRIES_A_TURN == 0:
                    await asyncio.sleep(0)
                if span.includes(user_id, entry):
                    found.append(entry)
        return found

    def scan(self) -> Iterator[list[Entry]]:
        """Every entry, in order, in lists of a bounded length. Blocking."""
        return self._journal.scan(0)

    def marks(self) -> Marks:
        """The marks of markets, as of now."""
        kept = [unsaved for unsaved in (self._sealed, self._current) if unsaved is not None]
        return Marks(self._journal, self._checkpoints, kept)

    async def read(self, sequences: Iterable[int]) -> dict[int, Entry]:
        """Entries by their sequences."""
        return {entry.sequence: entry for entry in await self._journal.read(sequences)}

    async def _find(self, keys: set[int], ranges: list[tuple[int, int]]) -> list[int]:
        """Sequences by identity key. Memory is searched before the store: an entry only ever moves that way."""
        found: set[int] = set()
        for unsaved in filter(None, (self._current, self._sealed)):
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

    async def _entries_back(self, user_id: str, span: Span, limit: int, *, fills_only: bool) -> list[Entry]:
        """The fills and adjustments of a user in at most one market, or the fills alone, newest first."""

        def wanted(entry: Entry) -> bool:
            return span.includes(user_id, entry) and (isinstance(entry.event, Fill) or not fills_only)

        found: list[Entry] = []
        for unsaved in [one for one in (self._current, self._sealed) if one is not None]:
            for passed, entry in enumerate(unsaved.entries_back(user_id, span.through), start=1):
                if len(found) == limit:
                    return found
                if passed % _ENTRIES_A_TURN == 0:
                    await asyncio.sleep(0)
                if wanted(entry):
                    found.append(entry)
        if len(found) < limit and self._checkpoints.through:
            # A checkpoint may have become durable meanwhile: what memory gave is not to be given again.
            before = found[-1].sequence if found else span.through + 1
            (ticker_key,) = map(text_key, span.tickers) if span.tickers else (None,)
            wanted_keys = EntryFilter(text_key(user_id), ticker_key, span.subaccount, fills_only, before)
            sequences = await self._checkpoints.entries_of(wanted_keys, limit - len(found))
            stored = [entry for entry in await self._journal.read(sequences) if wanted(entry)]
            found.extend(reversed(stored))
        return found
