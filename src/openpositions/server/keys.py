"""The keys of the service: who signs with them, and what each may do (protocol, 1)."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from openpositions.errors import InvalidInput, JournalCorrupt, JournalTooNew, JournalUnavailable
from openpositions.wire.ingest.field_types import MAX_SUBACCOUNT
from openpositions.wire.ingest.fields import must_be
from openpositions.wire.names import NAME, is_name
from openpositions.wire.signing import format_public_key, load_public_key

SCOPES = ("read", "ingest", "admin")

_KEY_ID = re.compile(r"[0-9a-f-]{36}")
_SCHEMA_VERSION = 1


class NewKey(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A key to be added. Making one checks it: raises InvalidInput naming the field.

    Unknown fields are refused when it is decoded, because a misspelt `subaccount` would make a key that sees more than
    it should.
    """

    user_id: str
    scopes: frozenset[str]
    public_key: str
    """PEM."""
    subaccount: int | None = None
    """The only one the key sees; None for all."""

    def __post_init__(self) -> None:
        if not is_name(self.user_id):
            raise must_be("user_id", f"text of {NAME}", self.user_id)
        if not self.scopes or not self.scopes.issubset(SCOPES):
            raise must_be("scopes", f"one or more of {', '.join(SCOPES)}", ",".join(sorted(self.scopes)))
        if self.subaccount is not None and not 0 <= self.subaccount <= MAX_SUBACCOUNT:
            raise must_be("subaccount", f"an integer from 0 to {MAX_SUBACCOUNT}", self.subaccount)
        if self.subaccount is not None and "admin" in self.scopes:
            raise InvalidInput(
                "scopes",
                f"scopes with admin do not go with subaccount {self.subaccount}: what an administrator manages is not "
                "of one subaccount; leave out one of the two",
            )
        self.public_key = format_public_key(load_public_key(self.public_key))


class Key(NamedTuple):
    """A key as it is stored."""

    key_id: str
    user_id: str
    scopes: frozenset[str]
    subaccount: int | None
    """The only one the key sees; None for all."""
    public_key: str
    """PEM."""
    created_ts_ms: int
    revoked_ts_ms: int | None
    """When the key stopped being good; None while it is."""

    @property
    def is_good(self) -> bool:
        """Whether what it signs is taken."""
        return self.revoked_ts_ms is None


class KeyStore:
    """The keys, in a file that only its owner can read.

    What a method returned from is on the disk. Reads and writes go through a connection each, so that a look-up never
    waits for a write, and every look-up sees the writes that returned. Any thread may call any method: a server looks
    up on its event loop (some 20 µs) and writes from another thread. Raises JournalUnavailable, JournalCorrupt and
    JournalTooNew.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int]) -> None:
        self.on_revoked: list[Callable[[str], None]] = []
        """Called with the id of each key that was revoked, after that is durable, in the thread that revoked it."""
        self._path = path
        self._now_ms = now_ms
        self._write_lock = Lock()
        with self._errors_translated():
            path.touch(mode=0o600)
            path.chmod(0o600)  # whatever it was: SQLite gives the files beside it the same
            self._writer = _connect(path)
            self._create_table()
            self._reader = _connect(path)

    def add(self, new: NewKey) -> Key:
        """Stores one key under a new id."""
        return self.add_many([new])[0]

    def add_many(self, news: Sequence[NewKey]) -> list[Key]:
        """Stores all of the keys, in their order and in one commit, or none."""
        now_ms = self._now_ms()
        keys = [
            Key(str(uuid4()), new.user_id, new.scopes, new.subaccount, new.public_key, now_ms, None) for new in news
        ]
        with self._errors_translated(), self._write_lock, self._writer:
            self._writer.executemany(
                "INSERT INTO keys (key_id, user_id, scopes, subaccount, public_key, created_ts_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                ((key.key_id, key.user_id, ",".join(sorted(key.scopes)), *key[3:6]) for key in keys),
            )
        return keys

    def get(self, key_id: str) -> Key | None:
        """The key of an id, revoked or not."""
        if not _KEY_ID.fullmatch(key_id):
            return None
        rows = self._read(
            "SELECT key_id, user_id, scopes, subaccount, public_key, created_ts_ms, revoked_ts_ms"
            " FROM keys WHERE key_id = ?",
            key_id,
        )
        return _key(rows[0]) if rows else None

    def page(self, after: str, limit: int) -> list[Key]:
        """At most `limit` keys in the order they were made: those after a key id, or from the first when it is empty.

        Raises InvalidInput("cursor") when no key has that id.
        """
        if after and self.get(after) is None:
            message = f"cursor must be one that this read answered with, not {after[:40]!a}"
            raise InvalidInput("cursor", message, code="invalid_parameter")
        rows = self._read(
            "SELECT key_id, user_id, scopes, subaccount, public_key, created_ts_ms, revoked_ts_ms FROM keys"
            " WHERE number > coalesce((SELECT number FROM keys WHERE key_id = ?), 0) ORDER BY number LIMIT ?",
            after,
            limit,
        )
        return [_key(row) for row in rows]

    def revoke(self, key_id: str) -> bool:
        """Makes a key good for nothing, for ever. False when there is no such key; a repeat changes nothing."""
        if self.get(key_id) is None:
            return False
        with self._errors_translated(), self._write_lock, self._writer:
            revoked = self._writer.execute(
                "UPDATE keys SET revoked_ts_ms = ? WHERE key_id = ? AND revoked_ts_ms IS NULL",
                (self._now_ms(), key_id),
            )
        if revoked.rowcount:
            for inform in self.on_revoked:
                inform(key_id)
        return True

    def close(self) -> None:
        """Lets go of the file. Nothing is lost without it."""
        self._reader.close()
        self._writer.close()

    def _create_table(self) -> None:
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        if version > _SCHEMA_VERSION:
            raise JournalTooNew(
                f"{self._path} has schema {version}, this version of openpositions knows {_SCHEMA_VERSION}; upgrade it"
            )
        if version == 0:
            schema = files("openpositions.server").joinpath("keys.sql").read_text(encoding="utf-8")
            self._writer.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")

    def _read(self, statement: str, *values: str | int) -> list[Any]:
        # All rows are fetched: a statement not run to its end would hide from later ones what was written since.
        with self._errors_translated():
            return self._reader.execute(statement, values).fetchall()

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalUnavailable(f"{self._path} cannot be opened: {error.strerror}") from error
        except sqlite3.DatabaseError as error:
            # The low byte of the code is its class. A misuse of the library has none.
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise JournalCorrupt(f"{self._path} is damaged ({error}); restore it from a backup") from error
            raise JournalUnavailable(f"{self._path} cannot be read or written: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer never wait for each other
    connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    return connection


def _key(row: tuple[str, str, str, int | None, str, int, int | None]) -> Key:
    key_id, user_id, scopes, subaccount, public_key, created_ts_ms, revoked_ts_ms = row
    return Key(key_id, user_id, frozenset(scopes.split(",")), subaccount, public_key, created_ts_ms, revoked_ts_ms)
