"""The store of keys: what is added is found again, what is revoked stays revoked, and nothing is half-applied."""

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.errors import InvalidInput, JournalCorrupt, JournalTooNew, JournalUnavailable
from openpositions.server.keys import Key, KeyStore, NewKey
from openpositions.wire.signing import format_public_key, generate_key
from tests.server.conftest import NOW_MS

READ = frozenset({"read"})


def test_added_key_is_found_by_its_id(keys: KeyStore, public_key: str) -> None:
    """Every field comes back as it was given."""
    new = NewKey(user_id="alice", scopes=frozenset({"read", "ingest"}), public_key=public_key, subaccount=7)

    key = keys.add(new)

    assert keys.get(key.key_id) == (
        key.key_id, "alice", frozenset({"read", "ingest"}), 7, public_key, NOW_MS, None,
    )  # fmt: skip


def test_ids_are_uuids_in_lower_case(alice: Key) -> None:
    """The form of the venue's own key ids, which clients may check."""
    assert [len(part) for part in alice.key_id.split("-")] == [8, 4, 4, 4, 12]
    assert alice.key_id == alice.key_id.lower()


@pytest.mark.parametrize("key_id", ["", "alice", "0" * 36, "A" * 10_000, "\udce9" * 36, "1' OR '1'='1"])
def test_unknown_id_finds_nothing(keys: KeyStore, alice: Key, key_id: str) -> None:
    """Whatever a header may hold."""
    assert keys.get(key_id) is None
    assert keys.get(alice.key_id) == alice


def test_keys_outlive_the_process(tmp_path: Path, public_key: str) -> None:
    """A store opened on the same file has the same keys."""
    first = KeyStore(tmp_path / "keys.db", lambda: NOW_MS)
    key = first.add(NewKey(user_id="alice", scopes=READ, public_key=public_key))
    first.close()

    second = KeyStore(tmp_path / "keys.db", lambda: NOW_MS)

    assert second.get(key.key_id) == key
    second.close()


def test_added_key_does_not_wait_for_the_store_to_be_closed(tmp_path: Path, keys: KeyStore, alice: Key) -> None:
    """Whoever opens the file next finds it, however the first process ended."""
    next_store = KeyStore(tmp_path / "keys.db", lambda: NOW_MS)

    assert next_store.get(alice.key_id) == keys.get(alice.key_id)
    next_store.close()


def test_files_can_be_read_by_their_owner_only(tmp_path: Path, alice: Key) -> None:
    """Neither the file nor what SQLite keeps beside it."""
    assert alice
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert modes == {"keys.db": 0o600, "keys.db-shm": 0o600, "keys.db-wal": 0o600}


def test_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """A careless copy of the data directory is put right when it is opened."""
    path = tmp_path / "keys.db"
    path.touch(mode=0o644)

    KeyStore(path, lambda: NOW_MS).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_many_keys_are_added_in_their_order(keys: KeyStore, public_key: str) -> None:
    """An import gets its ids line by line."""
    added = keys.add_many(
        [NewKey(user_id=f"user{n}", scopes=READ, public_key=public_key) for n in range(3_000)],
    )

    assert [key.user_id for key in added] == [f"user{n}" for n in range(3_000)]
    assert keys.page("", 3_000) == added


def test_many_keys_are_added_wholly_or_not_at_all(tmp_path: Path, keys: KeyStore, public_key: str) -> None:
    """A failure in the middle of an import leaves no key of it behind."""
    with sqlite3.connect(tmp_path / "keys.db") as elsewhere:
        elsewhere.execute(
            "CREATE TRIGGER full BEFORE INSERT ON keys WHEN NEW.user_id = 'user2'"
            " BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
        )

    with pytest.raises(JournalUnavailable, match=r"keys\.db cannot be read or written: database or disk is full"):
        keys.add_many([NewKey(user_id=f"user{n}", scopes=READ, public_key=public_key) for n in range(4)])

    assert keys.page("", 10) == []


def test_pages_follow_each_other_while_keys_come_and_go(keys: KeyStore, public_key: str) -> None:
    """Neither a key added nor one revoked in between makes a page skip or repeat one."""
    first = [keys.add(NewKey(user_id=f"user{n}", scopes=READ, public_key=public_key)) for n in range(4)]
    one, two = keys.page("", 2)
    keys.revoke(two.key_id)
    last = keys.add(NewKey(user_id="user4", scopes=READ, public_key=public_key))

    assert [one, two] == first[:2]
    assert keys.page(two.key_id, 10) == [*first[2:], last]
    assert keys.page(last.key_id, 10) == []


@pytest.mark.parametrize("cursor", ["x", "0" * 36, "\udce9" * 36])
def test_cursor_that_no_page_ended_with_is_refused(keys: KeyStore, cursor: str) -> None:
    """It would silently start over."""
    with pytest.raises(InvalidInput, match="cursor must be one that this read answered with") as raised:
        keys.page(cursor, 10)

    assert raised.value.field == "cursor"


def test_revoked_key_is_good_for_nothing(keys: KeyStore, alice: Key) -> None:
    """It stays in the list, with the time."""
    assert keys.revoke(alice.key_id) is True

    assert keys.page("", 10) == [alice._replace(revoked_ts_ms=NOW_MS)]
    assert [key.is_good for key in keys.page("", 10)] == [False]


def test_good_key_is_good(alice: Key) -> None:
    """Until it is revoked."""
    assert alice.is_good


@pytest.mark.parametrize("key_id", ["", "x", "0" * 36, "\udce9" * 36])
def test_revoking_an_unknown_key_says_so(keys: KeyStore, key_id: str) -> None:
    """Somebody mistyped an id and must not believe that it is done."""
    assert keys.revoke(key_id) is False


def test_revoking_informs_once(keys: KeyStore, alice: Key) -> None:
    """A repeat finds the key revoked already, and the first time stands."""
    informed: list[tuple[str, bool]] = []

    def inform(key_id: str) -> None:
        found = keys.get(key_id)
        informed.append((key_id, found is not None and found.is_good))

    keys.on_revoked.append(inform)

    assert keys.revoke(alice.key_id) is True
    assert keys.revoke(alice.key_id) is True

    assert informed == [(alice.key_id, False)]


def test_revocation_by_another_process_is_seen_at_once(tmp_path: Path, keys: KeyStore, alice: Key) -> None:
    """No look-up is answered from memory."""
    assert keys.get(alice.key_id) == alice
    elsewhere = KeyStore(tmp_path / "keys.db", lambda: NOW_MS)
    elsewhere.revoke(alice.key_id)
    elsewhere.close()

    found = keys.get(alice.key_id)

    assert found is not None
    assert not found.is_good


def test_keys_are_looked_up_while_many_are_added(keys: KeyStore, alice: Key, public_key: str) -> None:
    """A server goes on authenticating while an import is written by other threads."""
    news = [NewKey(user_id="bob", scopes=READ, public_key=public_key)] * 2_000
    importers = [threading.Thread(target=keys.add_many, args=(news,)) for _ in range(2)]
    for importer in importers:
        importer.start()
    while any(importer.is_alive() for importer in importers):
        assert keys.get(alice.key_id) == alice
    for importer in importers:
        importer.join()

    assert len(keys.page("", 10_000)) == 4_001


def test_public_key_of_each_type_is_kept(keys: KeyStore, other_rsa_key: RSAPrivateKey) -> None:
    """RSA and Ed25519 side by side."""
    pems = [format_public_key(key.public_key()) for key in (other_rsa_key, generate_key("ed25519"))]

    keys.add_many([NewKey(user_id="alice", scopes=READ, public_key=pem) for pem in pems])

    assert [key.public_key for key in keys.page("", 10)] == pems


def test_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """It is named, and not touched."""
    path = tmp_path / "keys.db"
    path.write_bytes(b"not a database, certainly not one of keys" * 100)

    with pytest.raises(JournalCorrupt, match=r"keys\.db is damaged .* restore it from a backup"):
        KeyStore(path, lambda: NOW_MS)

    assert path.read_bytes().startswith(b"not a database")


def test_store_of_a_later_version_is_refused(tmp_path: Path, keys: KeyStore) -> None:
    """An older program must not guess what a newer one meant."""
    keys.close()
    with sqlite3.connect(tmp_path / "keys.db") as elsewhere:
        elsewhere.execute("PRAGMA user_version = 2")

    with pytest.raises(JournalTooNew, match="has schema 2, this version of openpositions knows 1; upgrade it"):
        KeyStore(tmp_path / "keys.db", lambda: NOW_MS)


def test_store_in_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message says which file could not be opened."""
    with pytest.raises(JournalUnavailable, match=r"missing/keys\.db cannot be opened: No such file or directory"):
        KeyStore(tmp_path / "missing" / "keys.db", lambda: NOW_MS)
