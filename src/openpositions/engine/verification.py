"""Whether everything that is derived is what the journal makes it (accounting, "What must always hold").

Reads the whole journal once: some 30 µs an entry, a few times what a start without a checkpoint takes. It runs in other
threads, so a service goes on meanwhile, but shares the interpreter lock with them and is slower. Memory grows by two
books: the one made from entry 1, and the one that a start would make from the checkpoint.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import msgspec

from openpositions.core.book import Book
from openpositions.core.identity import identity_of
from openpositions.engine.contents import Contents, contents_of, differences_of
from openpositions.engine.recomputation import Findings, Recomputation
from openpositions.errors import JournalCorrupt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from openpositions.core.events import Entry
    from openpositions.journal.base import CheckpointStore, Journal


class Verification(msgspec.Struct):
    """What was checked, up to and including a sequence, and what was found wrong."""

    sequence: int = 0
    entries: int = 0
    """Read in order from the first, each against its checksum."""
    positions: int = 0
    """Recomputed, with their markets and accounts."""
    checkpoint_through: int = 0
    """The sequence of the checkpoint; from there on its book was made with the rest of the journal."""
    identities: int = 0
    """Looked up in the index of the checkpoint."""
    busts: int = 0
    """Counted again from the fills that stood."""
    balanced_markets: int = 0
    """Markets with both sides of every trade, whose positions must add up to nothing."""
    difference_count: int = 0
    differences: list[str] = msgspec.field(default_factory=list)
    """The first of them."""


class LiveBook(Protocol):
    """The book in use."""

    def __call__(self) -> Contents:
        """Its contents, captured in one step; all of it is durable."""


async def verify(journal: Journal, checkpoints: CheckpointStore, live_book: LiveBook) -> Verification:
    """Recomputes everything up to where the live book is, and compares. Damage to the journal is a difference too."""
    verification, findings = Verification(), Findings()
    try:
        # The checkpoint first: so it never includes more than the live book.
        stored = await asyncio.to_thread(_stored_book, checkpoints)
        verification.checkpoint_through = stored.sequence
        live = live_book()
        verification.sequence = live.sequence
        await _Comparison(journal, checkpoints, findings, verification).run(live, stored)
    except JournalCorrupt as damage:
        findings.add(str(damage))
    verification.difference_count, verification.differences = findings.count, findings.named
    return verification


class _Comparison:
    """One pass over the journal."""

    def __init__(
        self, journal: Journal, checkpoints: CheckpointStore, findings: Findings, verification: Verification
    ) -> None:
        self._journal = journal
        self._checkpoints = checkpoints
        self._findings = findings
        self._verification = verification

    async def run(self, live: Contents, stored: Book) -> None:
        """Recomputes the book and holds it against the live one, and against the stored one brought up to date."""
        recomputation = Recomputation(self._findings, await self._journal.read(set(live.busted_fills.values())))
        checkpoint_through = stored.sequence

        def take(entries: Sequence[Entry]) -> None:
            recomputation.take(entries)
            stored.replay([entry for entry in entries if entry.sequence > checkpoint_through])

        async for entries in self._entries(live.sequence):
            await asyncio.to_thread(take, entries)
            await self._look_up([entry for entry in entries if entry.sequence <= checkpoint_through])
        await asyncio.to_thread(recomputation.finish)
        self._verification.busts = recomputation.busts
        self._verification.balanced_markets = recomputation.balanced_markets
        await asyncio.to_thread(self._compare, contents_of(recomputation.book), live, contents_of(stored))

    async def _entries(self, through: int) -> AsyncIterator[list[Entry]]:
        """The entries up to a sequence; a gap between them is a difference."""
        scanned = self._journal.scan(0)
        reached = 0
        while reached < through and (found := await asyncio.to_thread(next, scanned, None)):
            for entry in found:
                if entry.sequence != reached + 1:
                    raise JournalCorrupt(f"entry {reached} is followed by {entry.sequence}")
                reached += 1
            entries = found[: len(found) - max(0, reached - through)]
            self._verification.entries += len(entries)
            yield entries

    async def _look_up(self, entries: Sequence[Entry]) -> None:
        """The index of the checkpoint must lead from the identity of each of these entries to it."""
        keys = {entry.sequence: identity.key for entry in entries if (identity := identity_of(entry.event)) is not None}
        found = set(await self._checkpoints.find(list(keys.values()), [])) if keys else set()
        self._verification.identities += len(keys)
        for sequence in keys.keys() - found:
            self._findings.add(f"checkpoint: the identity of entry {sequence} is not in its index")

    def _compare(self, recomputed: Contents, live: Contents, stored: Contents) -> None:
        self._verification.positions = len(recomputed.positions)
        for name, contents in (("live book", live), ("checkpoint and what follows it", stored)):
            for difference in differences_of(contents, recomputed):
                self._findings.add(f"{name}: {difference}")


def _stored_book(checkpoints: CheckpointStore) -> Book:
    """The book of the checkpoint. Its parts are loaded again when a new one was saved in between."""
    while True:
        rest, rows = checkpoints.load_rest(), list(checkpoints.load_rows())
        if checkpoints.load_rest().through == rest.through:
            break
    book = Book()
    book.load(rest.through, rows=rows, markets=rest.markets, accounts=rest.accounts, busted=rest.busted)
    return book
