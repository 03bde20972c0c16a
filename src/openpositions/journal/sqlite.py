"""The journal in an SQLite file: DATA/journal.db."""

from __future__ import annotations

import struct
from contextlib import closing
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from openpositions.core.events import Entry, Event
from openpositions.errors import JournalUnavailable
from openpositions.journal.database import Database, Format, transaction
from openpositions.journal.watermark import Watermark
from openpositions.journal.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from sqlite3 import Connection

FORMAT = Format(version=1, schema="journal.sql", steps={}, remedy="restore it from a backup")

_CHECKSUM_BYTES = 4
# Few enough that what becomes of them stays in the cache of a core.
ENTRIES_A_SLICE = 1024

# A batch is one statement: a statement an entry would fight the event loop for the interpreter lock at every entry.
# What `value` gives of an array is its text as it was, since the encoder puts in no white space; and no text has a NUL
# in it, which would cut it off, since JSON writes that as an escape.
_INSERT_ENTRIES = "INSERT INTO entries (sequence, body) SELECT ? + key, value FROM json_each(?)"
_INSERT_COMMIT = "INSERT INTO commits (last_sequence, checksums) VALUES (?, ?)"

# No body has a line feed in it either. Should the bodies come in another order, their checksums would not match.
_SELECT_SLICE = """
    SELECT coalesce(group_concat(body, char(10)), '')
    FROM (SELECT body FROM entries WHERE sequence BETWEEN ? AND ? ORDER BY sequence)"""
_SELECT_COMMITS = """
    SELECT last_sequence, coalesce(CAST(checksums AS BLOB), x'')
    FROM commits WHERE last_sequence > ? ORDER BY last_sequence"""
_SELECT_ENTRIES = """
    SELECT entries.sequence, coalesce(CAST(entries.body AS BLOB), x''), (
        SELECT substr(checksums, length(checksums) - 4 * (last_sequence - entries.sequence) - 3, 4)
        FROM commits WHERE last_sequence >= entries.sequence ORDER BY last_sequence LIMIT 1)
    FROM json_each(?) AS wanted CROSS JOIN entries ON entries.sequence = wanted.value"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Event]).decode


class SqliteJournal:
    """The entries of a data directory. Implements `Journal`.

    Opening checks what costs the same for a journal of any length: the header, the table definitions, and the last
    commit. Every entry is checked whenever it is read. Raises JournalCorrupt, JournalTooNew or JournalUnavailable.
    """

    def __init__(self, directory: Path, *, entries_a_slice: int = ENTRIES_A_SLICE) -> None:
        self._slice_bytes = _CHECKSUM_BYTES * entries_a_slice
        """Of the checksums of what a scan gives at once."""
        self._database = Database(directory / "journal.db", FORMAT)
        self.path = self._database.path
        self._watermark = Watermark(directory / "head")
        self._failure: Exception | None = None
        try:
            connection = self._database.open()
            try:
                with self._database.errors_translated():
                    self.epoch = self._database.setting(connection, "epoch")
                    self.birthmark = self._database.setting(connection, "birthmark")
                    """Of the directory at its last start."""
                    self.head = self._checked_head(connection)
                reader = self._database.open_to_read()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            self._watermark.close()
            raise
        self.acknowledged = self._watermark.read()
        """The last sequence that an earlier process acknowledged, as far as is known."""
        self._writer = Worker(self._database, connection)
        self._reader = Worker(self._database, reader)

    async def begin_run(self, epoch: str, birthmark: str) -> None:
        """Remembers the birthmark. With another epoch this is another history, whatever an earlier one acknowledged."""
        await self._writer.run(partial(self._begin_run, epoch, birthmark))

    async def append(self, entries: Sequence[Entry]) -> None:
        """Makes the entries durable in one commit.

        After a failure every further append is refused: only a new start can tell what became durable.
        """
        if not entries:
            return
        sequences = range(self.head + 1, self.head + 1 + len(entries))
        if [entry.sequence for entry in entries] != list(sequences):
            raise ValueError(
                f"entries from {entries[0].sequence} on do not follow the head of the journal, {self.head}"
            )
        bodies = [_encode(entry.event) for entry in entries]
        text = b"[%b]" % b",".join(bodies)
        await self._writer.run(partial(self._commit, sequences, text.decode(), _checksums(sequences, bodies)))

    async def read(self, sequences: Iterable[int]) -> list[Entry]:
        """The entries at these sequences, in ascending order."""
        wanted = sorted(set(sequences))
        return await self._reader.run(partial(self._read, wanted)) if wanted else []

    def scan(self, after: int) -> Iterator[list[Entry]]:
        """Every entry after a sequence, in order, in lists of a bounded length. Blocking."""
        head = self.head
        with closing(self._database.open_to_read()) as connection, self._database.errors_translated():
            connection.execute("BEGIN")  # all of it as of one moment
            reached = after
            for entries in self._scan(connection, after):
                reached = entries[-1].sequence
                yield entries
        if reached < head:
            raise self._database.damaged(f"it ends at entry {reached}, not at {head}")

    async def close(self) -> None:
        """Lets go of the files."""
        await self._reader.close()
        await self._writer.close()
        self._watermark.close()

    def _begin_run(self, epoch: str, birthmark: str, connection: Connection) -> None:
        with transaction(connection):
            self._database.put_setting(connection, "epoch", epoch)
            self._database.put_setting(connection, "birthmark", birthmark)
        if epoch != self.epoch:
            self._watermark.write(self.head)
            self.acknowledged = self.head
        self.epoch, self.birthmark = epoch, birthmark

    def _commit(self, sequences: range, bodies: str, checksums: bytes, connection: Connection) -> None:
        if self._failure is not None:
            raise JournalUnavailable(f"{self._database.path} takes no more entries: {self._failure}")
        try:
            with self._database.errors_translated(), transaction(connection):
                connection.execute(_INSERT_ENTRIES, (sequences[0], bodies))
                connection.execute(_INSERT_COMMIT, (sequences[-1], checksums))
            self._watermark.write(sequences[-1])
        except Exception as error:
            self._failure = error
            raise
        self.head = sequences[-1]

    def _read(self, wanted: list[int], connection: Connection) -> list[Entry]:
        rows = connection.execute(_SELECT_ENTRIES, (_encode(wanted).decode(),)).fetchall()
        if [row[0] for row in rows] != wanted:
            missing = min(set(wanted).difference(row[0] for row in rows), default=wanted[0])
            raise self._database.damaged(f"it has no entry {missing}")
        for sequence, body, checksum in rows:
            if _checksums([sequence], [body]) != checksum:
                raise self._database.damaged(f"entry {sequence} is not what was written")
        return self._entries(wanted, [body for _, body, _ in rows])

    def _checked_head(self, connection: Connection) -> int:
        (head,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM entries").fetchone()
        (last,) = connection.execute("SELECT coalesce(max(last_sequence), 0) FROM commits").fetchone()
        if head != last:
            raise self._database.damaged(f"its last entry is {head} and its last commit ends at {last}")
        for _ in self._scan(connection, head - 1):
            pass
        return int(head)

    def _scan(self, connection: Connection, after: int) -> Iterator[list[Entry]]:
        """Goes along the checksums, whatever the lengths of the commits, and holds the entries against them."""
        reached = after
        waiting = b""  # checksums of the entries up to `reached` that were not compared yet
        for last, checksums in connection.execute(_SELECT_COMMITS, (after,)):
            before = last - len(checksums) // _CHECKSUM_BYTES
            if before > reached or (before < reached and reached != after):
                raise self._database.damaged(f"commits are missing between entries {reached} and {before}")
            waiting += checksums[-_CHECKSUM_BYTES * (last - reached) :]
            reached = last
            while len(waiting) >= self._slice_bytes:
                ready, waiting = waiting[: self._slice_bytes], waiting[self._slice_bytes :]
                yield self._slice(connection, reached - len(waiting) // _CHECKSUM_BYTES, ready)
        if waiting:
            yield self._slice(connection, reached, waiting)

    def _slice(self, connection: Connection, last: int, checksums: bytes) -> list[Entry]:
        sequences = range(last + 1 - len(checksums) // _CHECKSUM_BYTES, last + 1)
        (text,) = connection.execute(_SELECT_SLICE, (sequences[0], last)).fetchone()
        bodies = text.split(b"\n")
        if len(bodies) != len(sequences) or _checksums(sequences, bodies) != checksums:
            raise self._database.damaged(f"entries {sequences[0]} to {last} are not what was written")
        return self._entries(sequences, bodies)

    def _entries(self, sequences: Iterable[int], bodies: Iterable[bytes]) -> list[Entry]:
        try:
            events = _decode(b"[%b]" % b",".join(bodies))
        except msgspec.MsgspecError as error:
            raise self._database.damaged(f"an entry is no event that this version knows ({error})") from error
        # The constructor of a named tuple costs five times what the tuple itself does.
        return list(map(tuple.__new__, repeat(Entry), zip(sequences, events, strict=True)))


def _checksums(sequences: Sequence[int], bodies: Sequence[bytes]) -> bytes:
    """Of each entry 4 bytes. That they start from the sequence finds a body that stands at the place of another."""
    return struct.pack(f"<{len(bodies)}I", *map(crc32, bodies, sequences))
