"""The checkpoint in an SQLite file: DATA/checkpoint.db."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from openpositions.journal import checkpoint_statements as statements
from openpositions.journal.base import Checkpoint
from openpositions.journal.database import Database, Format, select_sequences, transaction
from openpositions.journal.parts import ACCOUNT, BUST, MARKET, NONE, POSITION, Kind, Tally, merge
from openpositions.journal.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from openpositions.core.position import Position
    from openpositions.journal.base import EntryRange, MarkRange


def _add_marks(connection: Connection) -> None:
    """Format 1 knew no marks: it is emptied, so that the next start makes all of it again from the journal."""
    connection.execute(
        "CREATE TABLE marks (ticker_key INTEGER NOT NULL, ts_ms INTEGER NOT NULL, sequence INTEGER NOT NULL,"
        " PRIMARY KEY (ticker_key, ts_ms, sequence)) WITHOUT ROWID"
    )
    for statement in (*_EMPTY[:-1], "DELETE FROM meta WHERE key = 'contents'"):
        connection.execute(statement)


_EMPTY = ("DELETE FROM parts", "DELETE FROM identities", "DELETE FROM entries", "DELETE FROM marks")

FORMAT = Format(
    version=2,
    schema="checkpoint.sql",
    steps={1: _add_marks},
    remedy="delete it, and it is made again from the journal",
)

# Lines of an index in one statement.
_SLICE = 8192

_encode = msgspec.json.Encoder().encode


class _Contents(msgspec.Struct, array_like=True):
    """What the file holds."""

    through: int = 0
    tallies: dict[str, Tally] = msgspec.field(default_factory=dict)

    def tally(self, kind: Kind[Any]) -> Tally:
        """Of the parts of a kind."""
        return self.tallies.get(kind.name, NONE)


class SqliteCheckpoints:
    """The latest checkpoint of a data directory. Implements `CheckpointStore`.

    The parts of the book are checked when they are loaded, each and all together; the indexes are not, since they only
    say where to look. Raises JournalCorrupt, JournalTooNew or JournalUnavailable.
    """

    def __init__(self, directory: Path) -> None:
        self._database = Database(directory / "checkpoint.db", FORMAT)
        self.path = self._database.path
        connection = self._database.open()
        try:
            with self._database.errors_translated():
                self.epoch = self._database.setting(connection, "epoch")
                """Of the journal from which it was made; empty when it is new."""
                self.through = self._contents(connection).through
                connection.executescript(statements.CREATE_INCOMING)
            readers = [self._database.open_to_read(), self._database.open_to_read()]
        except BaseException:
            connection.close()
            raise
        self._writer = Worker(self._database, connection)
        # Every commit waits for `find`, which must not wait for somebody who goes through a long history.
        self._reader, self._range_reader = (Worker(self._database, reader) for reader in readers)

    async def begin_epoch(self, epoch: str) -> None:
        """From now on this is the checkpoint of a journal of that epoch."""
        await self._writer.run(partial(self._begin_epoch, epoch))

    async def discard(self) -> None:
        """Empties everything: the next checkpoint includes the journal from its first entry."""
        await self._writer.run(self._discard)

    def load_rows(self) -> Iterator[Position]:
        """The rows, in order of their sequence. Blocking."""
        with closing(self._database.open_to_read()) as connection, self._database.errors_translated():
            connection.execute("BEGIN")  # all of it as of one moment
            tally = self._contents(connection).tally(POSITION)
            rows = POSITION.load(connection, self._database, tally)
        rows.sort(key=attrgetter("sequence"))
        return iter(rows)

    def load_rest(self) -> Checkpoint:
        """Markets, accounts and busts; rows and indexes left out. Blocking."""
        with closing(self._database.open_to_read()) as connection, self._database.errors_translated():
            connection.execute("BEGIN")
            contents = self._contents(connection)
            markets = MARKET.load(connection, self._database, contents.tally(MARKET))
            accounts = ACCOUNT.load(connection, self._database, contents.tally(ACCOUNT))
            busts = BUST.load(connection, self._database, contents.tally(BUST))
        micros = {(user_id, subaccount): amount for user_id, subaccount, amount in accounts}
        return Checkpoint(contents.through, [], markets, micros, dict(busts), [], [])

    async def save(self, checkpoint: Checkpoint) -> None:
        """Adds what changed since the checkpoint before, in one commit."""
        await self._writer.run(partial(self._save, checkpoint))

    async def find(self, keys: Sequence[int], ranges: Sequence[tuple[int, int]]) -> list[int]:
        """The sequences, ascending, of entries whose identity has one of these keys, or one in these ranges."""
        if not self.through or not (keys or ranges):
            return []
        # In the order of the index, neighbours are read from the same page.
        wanted = (_encode(sorted(keys)).decode(), _encode(ranges).decode())
        return await self._reader.run(partial(select_sequences, statements.FIND, wanted))

    async def entries_in(self, wanted: EntryRange, limit: int) -> list[int]:
        """The sequences of a user's entries, in the wanted order, at most `limit`."""
        user_key, after, through, keys, subaccount, fills_only, newest_first = wanted
        ticker_keys = None if keys is None else _encode(keys).decode()
        statement = statements.SELECT_ENTRIES_BACK if newest_first else statements.SELECT_ENTRIES
        values = (user_key, after, through, ticker_keys, subaccount, fills_only, limit)
        return await self._range_reader.run(partial(select_sequences, statement, values))

    async def marks_in(self, wanted: MarkRange) -> list[int]:
        """The sequences of marks, in no order."""
        return await self._find_marks(statements.SELECT_MARKS, wanted)

    async def last_marks(self, wanted: MarkRange) -> list[int]:
        """The sequence of the last mark of each market before the span."""
        return await self._find_marks(statements.SELECT_LAST_MARKS, wanted)

    async def _find_marks(self, statement: str, wanted: MarkRange) -> list[int]:
        values = (_encode(wanted.ticker_keys).decode(), *wanted[1:])
        return await self._range_reader.run(partial(select_sequences, statement, values))

    async def close(self) -> None:
        """Lets go of the file."""
        await self._range_reader.close()
        await self._reader.close()
        await self._writer.close()

    def _contents(self, connection: Connection) -> _Contents:
        text = self._database.setting(connection, "contents")
        return msgspec.json.decode(text, type=_Contents) if text else _Contents()

    def _set_contents(self, connection: Connection, contents: _Contents) -> None:
        self._database.put_setting(connection, "contents", _encode(contents).decode())

    def _begin_epoch(self, epoch: str, connection: Connection) -> None:
        if epoch != self.epoch:
            with transaction(connection):
                self._database.put_setting(connection, "epoch", epoch)
            self.epoch = epoch

    def _discard(self, connection: Connection) -> None:
        with transaction(connection):
            for statement in _EMPTY:
                connection.execute(statement)
            self._set_contents(connection, _Contents())
        self.through = 0

    def _save(self, checkpoint: Checkpoint, connection: Connection) -> None:
        accounts = ((user_id, subaccount, amount) for (user_id, subaccount), amount in checkpoint.accounts.items())
        with transaction(connection):
            POSITION.collect(connection, checkpoint.rows)
            MARKET.collect(connection, checkpoint.markets)
            ACCOUNT.collect(connection, accounts)
            BUST.collect(connection, checkpoint.busted.items())
            tallies = merge(connection, self._contents(connection).tallies)
            _collect(connection, statements.COLLECT_IDENTITIES, checkpoint.identities)
            _collect(connection, statements.COLLECT_ENTRIES, checkpoint.entries)
            _collect(connection, statements.COLLECT_MARKS, checkpoint.marks)
            for statement in statements.MERGE_INDEXES:
                connection.execute(statement)
            self._set_contents(connection, _Contents(checkpoint.through, tallies))
        self.through = checkpoint.through


def _collect(connection: Connection, statement: str, lines: Sequence[tuple[int, ...]]) -> None:
    for start in range(0, len(lines), _SLICE):
        connection.execute(statement, (_encode(lines[start : start + _SLICE]).decode(),))
