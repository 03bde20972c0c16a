"""The parts of a book as a checkpoint stores them: rows, markets, accounts and busts, each under its own checksum."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zlib import crc32

import msgspec

from openpositions.core.market import Market
from openpositions.core.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from sqlite3 import Connection

    from openpositions.journal.database import Database

T = TypeVar("T", bound=tuple[Any, ...])

# Parts in one statement. To encode that many holds the interpreter lock for a few milliseconds.
_SLICE = 2048

# What a save brings is collected first, so that it goes into its table in the order of the table: each page is read and
# written once. All of it is work for SQLite, which leaves the interpreter to others meanwhile.
CREATE_INCOMING = """
    CREATE TEMP TABLE incoming_parts (kind, key, body, checksum, PRIMARY KEY (kind, key)) WITHOUT ROWID;"""
_COLLECT = """
    REPLACE INTO incoming_parts
    SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?)"""
_TALLY_INCOMING = "SELECT kind, count(*), sum(checksum) FROM incoming_parts GROUP BY kind"
_TALLY_REPLACED = """
    SELECT kind, count(*), sum(parts.checksum)
    FROM incoming_parts CROSS JOIN parts USING (kind, key) GROUP BY kind"""
_MERGE = """
    INSERT INTO parts SELECT kind, key, body, checksum FROM incoming_parts WHERE true ORDER BY kind, key
    ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, checksum = excluded.checksum"""
_CLEAR_INCOMING = "DELETE FROM incoming_parts"
_SELECT = """
    SELECT coalesce(CAST(key AS BLOB), x''), coalesce(CAST(body AS BLOB), x''), checksum
    FROM parts WHERE kind = ? ORDER BY key"""

_encode = msgspec.json.Encoder().encode


class Tally(msgspec.Struct, array_like=True, frozen=True):
    """How many parts of a kind there are, and the sum of their checksums. It finds a part that is missing or stale."""

    count: int = 0
    checksum_sum: int = 0


NONE = Tally()


class Kind(Generic[T]):
    """One kind of part. What it is kept for are the first fields of its array."""

    def __init__(self, name: str, key_fields: int, part: type[T]) -> None:
        self.name = name
        self._key_fields = key_fields
        self._decode = msgspec.json.Decoder(list[part]).decode  # type: ignore[valid-type]

    def collect(self, connection: Connection, parts: Iterable[T]) -> None:
        """Takes in parts that are to be added or replaced by the next merge."""
        remaining = iter(parts)
        while some := list(islice(remaining, _SLICE)):
            connection.execute(_COLLECT, (self.name, _encode([self._sealed(part) for part in some]).decode()))

    def load(self, connection: Connection, database: Database, tally: Tally) -> list[T]:
        """All parts of this kind. Raises JournalCorrupt unless they are, each and together, what was stored."""
        found: list[T] = []
        checksum_sum = 0
        cursor = connection.execute(_SELECT, (self.name,))
        while rows := cursor.fetchmany(_SLICE):
            for key, body, checksum in rows:
                if crc32(body, crc32(key)) != checksum:
                    raise database.damaged(f"the {self.name} {key.decode(errors='replace')} is not what was written")
                checksum_sum += checksum
            try:
                found += self._decode(b"[%b]" % b",".join(body for _, body, _ in rows))
            except msgspec.MsgspecError as error:
                raise database.damaged(f"a {self.name} has not the fields it must have ({error})") from error
        if Tally(len(found), checksum_sum) != tally:
            raise database.damaged(f"of its {tally.count} {self.name} parts, some are missing or older ones")
        return found

    def _sealed(self, part: T) -> tuple[msgspec.Raw, msgspec.Raw, int]:
        key, body = _encode(part[: self._key_fields]), _encode(part)
        return msgspec.Raw(key), msgspec.Raw(body), crc32(body, crc32(key))


def merge(connection: Connection, tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Adds or replaces what was collected, inside a transaction; gives the tallies, by kind, of all parts after it."""
    replaced = {kind.decode(): Tally(*numbers) for kind, *numbers in connection.execute(_TALLY_REPLACED)}
    merged = dict(tallies)
    for kind, count, checksum_sum in connection.execute(_TALLY_INCOMING):
        name = kind.decode()
        was, gone = tallies.get(name, NONE), replaced.get(name, NONE)
        merged[name] = Tally(was.count + count - gone.count, was.checksum_sum + checksum_sum - gone.checksum_sum)
    connection.execute(_MERGE)
    connection.execute(_CLEAR_INCOMING)
    return merged


POSITION = Kind("position", 3, Position)
MARKET = Kind("market", 1, Market)
ACCOUNT = Kind("account", 2, tuple[str, int, int])
"""User, subaccount, micros."""
BUST = Kind("bust", 1, tuple[int, int])
"""The sequences of the fill and of the bust."""
