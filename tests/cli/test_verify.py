"""`openpositions verify`, on directories that are as they must be, and on ones that were tampered with."""

import sqlite3
from contextlib import closing
from pathlib import Path
from zlib import crc32

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions, write_lines


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Both sides of two trades, one of which was busted, and a settlement."""
    return write_lines(
        tmp_path / "events",
        [
            fill("t1", "alice", "RAIN"),
            fill("t1", "bob", "RAIN", "no"),
            fill("t2", "alice", "RAIN"),
            fill("t2", "bob", "RAIN", "no"),
            {"type": "bust", "msg": {"bust_id": "b1", "trade_id": "t2"}},
            settlement("RAIN", "yes"),
            fill("t3", "alice", "SUN"),
        ],
    )


@pytest.fixture
def data(tmp_path: Path, events: Path) -> Path:
    """The directory, with a checkpoint of all of it."""
    assert openpositions("ingest", events, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def tamper(data: Path, *, honest_checksum: bool) -> None:
    """Gives alice a dollar of realized P&L in the checkpoint, with or without the checksums that go with it."""
    with closing(sqlite3.connect(data / "checkpoint.db")) as connection, connection:
        key, body, checksum = connection.execute(
            "SELECT key, body, checksum FROM parts WHERE kind = 'position' AND key LIKE '%alice%SUN%'"
        ).fetchone()
        fields = body.split(",")
        fields[5] = "1000000"
        tampered = ",".join(fields)
        new_checksum = crc32(tampered.encode(), crc32(key.encode())) if honest_checksum else checksum
        connection.execute("UPDATE parts SET body = ?, checksum = ? WHERE key = ?", (tampered, new_checksum, key))
        if honest_checksum:
            _mend_sum(connection, new_checksum - checksum)


def _mend_sum(connection: sqlite3.Connection, difference: int) -> None:
    (contents,) = connection.execute("SELECT value FROM meta WHERE key = 'contents'").fetchone()
    (checksums,) = connection.execute("SELECT sum(checksum) FROM parts WHERE kind = 'position'").fetchone()
    mended = contents.replace(str(checksums - difference), str(checksums))
    checksum = crc32(mended.encode(), crc32(b"contents"))
    connection.execute("UPDATE meta SET value = ?, checksum = ? WHERE key = 'contents'", (mended, checksum))


def test_untouched_directory_is_clean(data: Path) -> None:
    """What was checked is counted."""
    done = openpositions("verify", "--data", data, "--json")

    assert done.code == 0
    assert done.answer == {
        "sequence": 7,
        "entries": 7,
        "positions": 3,
        "checkpoint_through": 7,
        "identities": 6,
        "busts": 1,
        "balanced_markets": 1,
        "difference_count": 0,
        "differences": [],
    }
    assert openpositions("verify", "--data", data).out.splitlines()[-1] == "no differences"


def test_running_service_is_verified(tmp_path: Path, events: Path, rsa_key: RSAPrivateKey) -> None:
    """Its live book too, while it owns the directory."""
    with Service(tmp_path, rsa_key) as service:
        openpositions("ingest", events, "--data", service.data)

        answer = openpositions("verify", "--data", service.data, "--json").answer

    assert (answer["entries"], answer["checkpoint_through"], answer["differences"]) == (7, 0, [])


def test_damaged_row_of_the_checkpoint_is_refused(data: Path) -> None:
    """A start would refuse it as well."""
    tamper(data, honest_checksum=False)

    done = openpositions("verify", "--data", data)

    assert (done.code, done.out) == (1, "")
    assert "the position " in done.err
    assert "is not what was written" in done.err


def test_tampered_row_of_the_checkpoint_is_found(data: Path) -> None:
    """Although its checksums are right: the journal says otherwise."""
    tamper(data, honest_checksum=True)

    done = openpositions("verify", "--data", data)

    assert done.code == 1
    assert done.out.splitlines()[-3:] == [
        "2 differences",
        "live book: position alice 0 SUN: realized_pnl is 1000000, the journal makes it 0",
        "checkpoint and what follows it: position alice 0 SUN: realized_pnl is 1000000, the journal makes it 0",
    ]
