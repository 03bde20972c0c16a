"""The parts of a book as a checkpoint stores them: rows, markets, accounts and busts, each under its own checksum."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zlib import crc32

import msgspec

from openpositions.core.market import Market
from openpositions.core.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from sqlite3 import Connection

    from openpositions.journal.database import Database

T = TypeVar("T", bound=tuple[Any, ...])

# Parts in one statement. To encode that many holds the interpreter lock for a few milliseconds.
_SLICE = 2048

_UPSERT = """
    INSERT INTO parts (kind, key, body, checksum)
    SELECT ?1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
    FROM json_each(?2) WHERE true
    ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, checksum = excluded.checksum"""
_TALLY = """
    SELECT count(*), coalesce(sum(checksum), 0) FROM parts
    WHERE kind = ?1 AND key IN (SELECT json_extract(value, '$[0]') FROM json_each(?2))"""
_SELECT = """
    SELECT coalesce(CAST(key AS BLOB), x''), coalesce(CAST(body AS BLOB), x''), checksum
    FROM parts WHERE kind = ? ORDER BY key"""

_encode = msgspec.json.Encoder().encode


class Tally(msgspec.Struct, array_like=True, frozen=True):
    """How many parts of a kind there are, and the sum of their checksums. It finds a part that is missing or stale."""

    count: int = 0
    checksum_sum: int = 0


class Kind(Generic[T]):
    """One kind of part. What it is kept for are the first fields of its array."""

    def __init__(self, name: str, key_fields: int, part: type[T]) -> None:
        self.name = name
        self._key_fields = key_fields
        self._decode = msgspec.json.Decoder(list[part]).decode  # type: ignore[valid-type]

    def store(self, connection: Connection, parts: Iterable[T], tally: Tally) -> Tally:
        """Adds or replaces parts, inside a transaction; gives the tally of all that are there then."""
        count, checksum_sum = tally.count, tally.checksum_sum
        remaining = iter(parts)
        while some := list(islice(remaining, _SLICE)):
            text = _encode([self._sealed(part) for part in some]).decode()
            counted, summed = connection.execute(_TALLY, (self.name, text)).fetchone()
            connection.execute(_UPSERT, (self.name, text))
            count_now, sum_now = connection.execute(_TALLY, (self.name, text)).fetchone()
            count += count_now - counted
            checksum_sum += sum_now - summed
        return Tally(count, checksum_sum)

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
            found += self._decode(b"[%b]" % b",".join(body for _, body, _ in rows))
        if Tally(len(found), checksum_sum) != tally:
            raise database.damaged(
                f"it has {len(found)} parts of the kind {self.name}, but not the {tally.count} stored"
            )
        return found

    def _sealed(self, part: T) -> tuple[msgspec.Raw, msgspec.Raw, int]:
        key, body = _encode(part[: self._key_fields]), _encode(part)
        return msgspec.Raw(key), msgspec.Raw(body), crc32(body, crc32(key))


POSITION = Kind("position", 3, Position)
MARKET = Kind("market", 1, Market)
ACCOUNT = Kind("account", 2, tuple[str, int, int])
"""User, subaccount, micros."""
BUST = Kind("bust", 1, tuple[int, int])
"""The sequences of the fill and of the bust."""
