"""What was: rows as of a moment, and the entries that made them, read in slices of a bounded size."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from openpositions.core.events import row_key_of
from openpositions.core.history import HistoryEntry, Moment, RowsAsOf
from openpositions.engine.archive import Span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from openpositions.core.book import Book
    from openpositions.core.events import Entry
    from openpositions.core.position import Position, RowKey
    from openpositions.engine.archive import Archive

# Counting this many takes about 2 ms of the event loop, after which other work gets its turn; reading them takes as
# long in the journal's thread.
ENTRIES_A_SLICE = 500


class Past:
    """The past of users, as of what their book has now."""

    def __init__(self, book: Book, archive: Archive) -> None:
        self._book = book
        self._archive = archive

    async def entries(self, user_id: str, span: Span, limit: int) -> list[HistoryEntry]:
        """The fills and adjustments of a user, oldest first, each with the bust that had reversed it by `through`.

        Fewer than `limit` are given only when there are no more.
        """
        return await self._with_busts(await self._archive.entries_in(user_id, span, limit), span.through)

    async def slices(self, user_id: str, span: Span) -> AsyncIterator[list[HistoryEntry]]:
        """All of them, slice by slice."""
        while slice_ := await self.entries(user_id, span, ENTRIES_A_SLICE):
            yield slice_
            if len(slice_) < ENTRIES_A_SLICE:
                return
            span = span._replace(after=slice_[-1].entry.sequence)
            await asyncio.sleep(0)

    async def slices_of_market(self, market_ticker: str, through: int) -> AsyncIterator[list[HistoryEntry]]:
        """All fills and adjustments of a market, whoever's, oldest first, slice by slice.

        No index leads to them: the whole journal is read, some 5 µs an entry.
        """
        scanned = self._archive.scan()

        def of_market() -> list[Entry] | None:
            entries = next(scanned, None)
            if entries is None or entries[0].sequence > through:
                return None
            keys = ((entry, row_key_of(entry.event)) for entry in entries if entry.sequence <= through)
            return [entry for entry, key in keys if key is not None and key[2] == market_ticker]

        while (entries := await asyncio.to_thread(of_market)) is not None:
            for start in range(0, len(entries), ENTRIES_A_SLICE):
                yield await self._with_busts(entries[start : start + ENTRIES_A_SLICE], through)
                await asyncio.sleep(0)

    async def _with_busts(self, entries: list[Entry], through: int) -> list[HistoryEntry]:
        bust_of = {
            entry.sequence: bust
            for entry in entries
            if (bust := self._book.busted.get(entry.sequence)) is not None and bust <= through
        }
        busts = await self._archive.read(bust_of.values())
        return [HistoryEntry(entry, busts.get(bust_of.get(entry.sequence, 0))) for entry in entries]

    async def rows(self, user_id: str, rows: Collection[Position], moment: Moment) -> dict[RowKey, Position]:
        """What these rows of a user were at a moment; a row that did not exist is left out.

        A row that did not change since costs nothing; for the others, the entries of their markets are read once.
        """
        market_of = self._book.market
        past = {row.key: row for row in rows if moment.is_past(row, market_of(row.market_ticker))}
        changed = {row.key for row in rows if row.key not in past}
        if changed:
            again = RowsAsOf(changed, market_of, moment)
            span = Span(0, moment.sequence, frozenset(ticker for _, _, ticker in changed))
            async for slice_ in self.slices(user_id, span):
                again.take(slice_)
            past |= again.rows()
        return past
