"""What a data directory holds, in one value that can be compared; and directories that hold something."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from openpositions.core.events import Entry, Event
from openpositions.core.identity import identity_of, text_key
from openpositions.core.market import Market
from openpositions.core.position import Position, empty_row
from openpositions.journal.base import Checkpoint, IndexedEntry
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from tests.events import bought_yes

NOTHING = Checkpoint(0, [], [], {}, {}, [], [])


class Stored(NamedTuple):
    """All that can be read of a data directory."""

    entries: list[Entry]
    rows: list[Position]
    rest: Checkpoint


def entries_from(first: int, *events: Event) -> list[Entry]:
    """The events as entries, numbered from `first` on."""
    return [Entry(first + place, event) for place, event in enumerate(events)]


def fills_from(first: int, count: int) -> list[Entry]:
    """Fills of as many trades, numbered from `first` on; the trade is named after the sequence."""
    return entries_from(first, *(bought_yes(f"trade-{first + place}") for place in range(count)))


def row(user_id: str, sequence: int, *, subaccount: int = 0, ticker: str = "RAIN", position: int = 10_00) -> Position:
    """A row that was last changed at a sequence."""
    return empty_row((user_id, subaccount, ticker))._replace(position=position, sequence=sequence)


def checkpoint(
    through: int,
    *,
    rows: Sequence[Position] = (),
    markets: Sequence[Market] = (),
    accounts: dict[tuple[str, int], int] | None = None,
    busted: dict[int, int] | None = None,
    identities: Sequence[tuple[int, int]] = (),
    entries: Sequence[IndexedEntry] = (),
) -> Checkpoint:
    """A checkpoint of whatever is given."""
    return Checkpoint(through, rows, markets, accounts or {}, busted or {}, identities, entries)


def indexed(
    user_id: str, sequence: int, *, ticker: str = "RAIN", subaccount: int = 0, is_fill: bool = True
) -> IndexedEntry:
    """A line of the index of a user's entries."""
    return IndexedEntry(text_key(user_id), sequence, text_key(ticker), subaccount, is_fill)


def key_of(event: Event) -> int:
    """The key of the identity of an event that has one."""
    identity = identity_of(event)
    assert identity is not None
    return identity.key


async def read_directory(directory: Path) -> Stored:
    """Opens a data directory and reads all of it."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            entries = [entry for some in journal.scan(0) for entry in some]
            return Stored(entries, list(checkpoints.load_rows()), checkpoints.load_rest())


def copy_as_after_kill(directory: Path, copy: Path) -> Path:
    """A copy of an open directory as the death of its process would leave it: with its write-ahead logs."""
    shutil.copytree(directory, copy, ignore=shutil.ignore_patterns("*-shm"))
    return copy
