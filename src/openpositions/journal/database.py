"""What the databases of a data directory share: how one is opened, checked, brought up to date, and what it may say."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from openpositions.errors import JournalCorrupt, JournalTooNew, JournalUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from sqlite3 import Connection

Step = Callable[[sqlite3.Connection], None]
"""Changes a database from one format to the next, inside a transaction."""


class Format(NamedTuple):
    """What a database holds."""

    version: int
    schema: str
    """The file of the statements that make it, in this package."""
    steps: Mapping[int, Step]
    """How an older database gets here: under N, what brings format N to N + 1."""
    remedy: str
    """What to do about a damaged file."""


class Database:
    """One database file of a known format. All its errors are JournalErrors that name it, and are made here."""

    def __init__(self, path: Path, form: Format) -> None:
        self.path = path
        self._format = form

    def open(self) -> Connection:
        """A connection that may write; a file that is missing is made, an older one brought up to date.

        Every text is given as bytes, and a commit returns when it is on the disk. Raises JournalTooNew for a file of a
        later version of this package.
        """
        self._make()
        with self.errors_translated():
            connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            try:
                connection.text_factory = bytes
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def open_to_read(self) -> Connection:
        """A connection that sees what is committed and waits for no writer."""
        with self.errors_translated():
            address = f"{self.path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            connection.text_factory = bytes
        return connection

    def damaged(self, what: str) -> JournalCorrupt:
        """The error for stored bytes that are not what was written."""
        return JournalCorrupt(f"{self.path} is damaged: {what}; {self._format.remedy}")

    @contextmanager
    def errors_translated(self) -> Iterator[None]:
        """Whatever SQLite raises inside is raised as a JournalError; a misuse of its library stays what it is."""
        try:
            yield
        except UnicodeDecodeError as error:  # SQLite's own messages quote what is damaged
            raise self.damaged("its text is not UTF-8") from error
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code is None:
                raise
            if code in _DAMAGED or code & 0xFF in _DAMAGED:
                raise self.damaged(str(error)) from error
            raise JournalUnavailable(
                f"{self.path} cannot be read or written: {error} ({error.sqlite_errorname})"
            ) from error

    def _make(self) -> None:
        """Sees to it that there is a file, a new one readable by nobody else: SQLite gives those beside it its mode."""
        try:
            os.close(os.open(self.path, os.O_RDONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise JournalUnavailable(f"{self.path} cannot be read or written: {error.strerror}") from error

    def _prepare(self, connection: Connection) -> None:
        connection.execute("PRAGMA cell_size_check = ON")
        is_new = _is_new(connection)
        if not is_new:
            self._check(connection)
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != b"wal":
            raise JournalUnavailable(f"{self.path} is on a file system without the shared memory that SQLite needs")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # elsewhere than on macOS, FULL says it already
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_KEPT_BYTES}")
        if is_new:
            self._create(connection)

    def _create(self, connection: Connection) -> None:
        schema = files("openpositions.journal").joinpath(self._format.schema).read_text(encoding="utf-8")
        with transaction(connection):
            for statement in schema.split(";\n"):  # executescript would end the transaction
                connection.execute(statement)
            self._seal(connection)

    def _check(self, connection: Connection) -> None:
        found = self.setting(connection, "format")
        if not found:
            raise self.damaged("it does not say what it holds")
        if int(found) > self._format.version:
            raise JournalTooNew(
                f"{self.path} has format {found} and this version of openpositions knows formats up to"
                f" {self._format.version}; upgrade openpositions"
            )
        if self.setting(connection, "definitions") != _definitions(connection):
            raise self.damaged(f"its tables are not those of format {found}")
        if int(found) < self._format.version:
            with transaction(connection):
                for version in range(int(found), self._format.version):
                    self._format.steps[version](connection)
                self._seal(connection)

    def _seal(self, connection: Connection) -> None:
        self.put_setting(connection, "format", str(self._format.version))
        self.put_setting(connection, "definitions", _definitions(connection))

    def setting(self, connection: Connection, key: str) -> str:
        """What the file says about itself under a key; empty when it was never set."""
        row = connection.execute("SELECT value, checksum FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            return ""
        value, checksum = row
        if not isinstance(value, bytes) or checksum != crc32(value, crc32(key.encode())):
            raise self.damaged(f"its {key} is not what was written")
        return value.decode()

    def put_setting(self, connection: Connection, key: str, value: str) -> None:
        """Sets what the file says about itself under a key."""
        checksum = crc32(value.encode(), crc32(key.encode()))
        connection.execute("REPLACE INTO meta (key, value, checksum) VALUES (?, ?, ?)", (key, value, checksum))


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of what is done inside, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # the caller needs the first error
                connection.execute("ROLLBACK")
        raise


# What a log keeps of its size once it was copied into the file. A save writes hundreds of megabytes now and then.
_LOG_KEPT_BYTES = 64 << 20

_DAMAGED = {
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_ERROR,  # a statement that does not fit the tables
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_TOOBIG,
}


def select_sequences(statement: str, values: Sequence[object], connection: Connection) -> list[int]:
    """The only column of what a statement selects, whose parameters are numbered (?1, ?2, …)."""
    # By name, as SQLite has them: given by position, Python 3.12.0 to 3.12.3 warn about them.
    named = {str(number): value for number, value in enumerate(values, 1)}
    return [sequence for (sequence,) in connection.execute(statement, named)]


def _is_new(connection: Connection) -> bool:
    """Nothing was ever stored. More than one page without any table is a loss, not a beginning."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and int(pages) <= 1


def _definitions(connection: Connection) -> str:
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
    return f"{crc32(repr(rows).encode()):08x}"
