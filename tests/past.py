"""The past of a book in memory, as the reads of the past give it."""

from collections.abc import Iterable

from openpositions.core.events import Entry, row_key_of
from openpositions.core.history import HistoryEntry, Moment, RowAsOf
from openpositions.core.position import Position, RowKey
from tests.journaled_book import JournaledBook

ALICE = ("alice", 0, "RAIN")


def history_of(journaled: JournaledBook, keys: Iterable[RowKey]) -> list[HistoryEntry]:
    """The fills and adjustments of rows, in order, each with the bust that reversed it."""
    wanted = set(keys)
    by_sequence = {entry.sequence: entry for entry in journaled.entries}
    busts: dict[int, Entry] = {fill: by_sequence[bust] for fill, bust in journaled.book.busted.items()}
    return [
        HistoryEntry(entry, busts.get(entry.sequence))
        for entry in journaled.entries
        if row_key_of(entry.event) in wanted
    ]


def row_as_of(journaled: JournaledBook, moment: Moment, key: RowKey = ALICE) -> Position | None:
    """A row as it was."""
    row = RowAsOf(key, journaled.book.market(key[2]), moment)
    for item in history_of(journaled, [key]):
        row.take(item)
    return row.row()
