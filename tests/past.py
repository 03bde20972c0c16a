"""The past of a book in memory, told as the reads of the past tell it."""

from collections.abc import Iterable

from openpositions.core.events import Entry
from openpositions.core.history import EntryAndBust, Moment, RowAsOf
from openpositions.core.position import Position, RowKey
from openpositions.core.recount import row_key_of
from tests.journaled_book import JournaledBook

ALICE = ("alice", 0, "RAIN")


def told_of(journaled: JournaledBook, keys: Iterable[RowKey]) -> list[EntryAndBust]:
    """The fills and adjustments of rows, in order, each with the bust it fell to."""
    wanted = set(keys)
    by_sequence = {entry.sequence: entry for entry in journaled.entries}
    busts: dict[int, Entry] = {fell: by_sequence[bust] for fell, bust in journaled.book.busted.items()}
    return [
        EntryAndBust(entry, busts.get(entry.sequence))
        for entry in journaled.entries
        if row_key_of(entry.event) in wanted
    ]


def row_as_of(journaled: JournaledBook, moment: Moment, key: RowKey = ALICE) -> Position | None:
    """A row as it was."""
    row = RowAsOf(key, journaled.book.market(key[2]), moment)
    for told in told_of(journaled, [key]):
        row.take(told)
    return row.row()
