"""Files that are not what was written: whatever is read of them is right, or they are refused."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from openpositions.core.market import Market
from openpositions.errors import JournalCorrupt, JournalError
from openpositions.journal.base import Checkpoint
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from openpositions.journal.sqlite import SqliteJournal
from tests.journal.stored import Stored, checkpoint, fills_from, read_directory, row

Files = dict[str, bytes]

HEAD = 900
SAVES = (300, 600)
FLIPS_A_FILE = 40
CUTS_A_FILE = 8
CLOSED = ("journal.db", "checkpoint.db", "head")
KILLED = (*CLOSED, "journal.db-wal", "checkpoint.db-wal")


def checkpoint_through(through: int) -> Checkpoint:
    """Some of every kind of part; each later one replaces all parts of the one before and adds rows."""
    return checkpoint(
        through,
        rows=[row(f"user-{number}", through - number) for number in reversed(range(through // 2))],
        markets=[Market(f"RAIN-{number:02}", "RAIN", f"Title {through}") for number in range(50)],
        accounts={(f"user-{number:02}", 0): through for number in range(50)},
        busted=dict.fromkeys(range(10, 60), through),
    )


def expected(saved: Checkpoint) -> Stored:
    """What is read of a whole directory whose last checkpoint this is."""
    return Stored(fills_from(1, HEAD), list(saved.rows), saved._replace(rows=[], identities=[], entries=[]))


RIGHT = [expected(checkpoint(0, markets=[])), *(expected(checkpoint_through(through)) for through in SAVES)]
"""A checkpoint may be lost: an older one, or none, with the whole journal gives the same book."""


@pytest.fixture
async def killed(directory: Path) -> Files:
    """The files of `directory` as a killed process leaves them: most is in the logs. The directory itself is closed."""
    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, checkpoints):
            for first, count in ((1, 1), (2, 298), (300, 1), (301, 299), (600, 1), (601, 299), (900, 1)):
                await journal.append(fills_from(first, count))
                if journal.head in SAVES:
                    await checkpoints.save(checkpoint_through(journal.head))
            return {name: (directory / name).read_bytes() for name in KILLED}


@pytest.fixture
def closed(directory: Path, killed: Files) -> Files:
    """The files of `directory` when it is closed: all of it is in the files themselves."""
    return {name: (directory / name).read_bytes() for name in CLOSED if name in killed}


def put_back(directory: Path, files: Files) -> None:
    """Gives the directory these files and no others, save for the lock."""
    for path in directory.iterdir():
        if path.name != "lock":
            path.unlink()
    for name, content in files.items():
        (directory / name).write_bytes(content)


async def wrong_readings(directory: Path, files: Files, name: str, damages: Iterator[bytes]) -> list[int]:
    """Which of the damages to one file, by number, let something be read that was not written."""
    wrong = []
    for number, damaged in enumerate(damages):
        put_back(directory, files | {name: damaged})
        try:
            stored = await read_directory(directory)
        except JournalError:
            continue
        if stored not in RIGHT:
            wrong.append(number)
    return wrong


def flipped(content: bytes) -> Iterator[bytes]:
    """The content with one byte changed, at random places."""
    generator = random.Random(20_260_501)
    for _ in range(FLIPS_A_FILE):
        place = generator.randrange(len(content))
        yield content[:place] + bytes([content[place] ^ generator.randrange(1, 256)]) + content[place + 1 :]


def cut(content: bytes) -> Iterator[bytes]:
    """The content cut off, at random places, at its beginning, and where pages end."""
    generator = random.Random(20_260_502)
    yield b""
    for _ in range(CUTS_A_FILE):
        yield content[: generator.randrange(len(content))]
        yield content[: generator.randrange(len(content)) & -4096]


async def test_undamaged_files_are_read(directory: Path, killed: Files, closed: Files) -> None:
    """What the tests below damage is whole before."""
    put_back(directory, killed)
    assert await read_directory(directory) == RIGHT[-1]

    put_back(directory, closed)
    assert await read_directory(directory) == RIGHT[-1]


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("damage", [flipped, cut])
async def test_damage_to_a_closed_directory_is_never_believed(
    directory: Path, closed: Files, name: str, damage: Callable[[bytes], Iterator[bytes]]
) -> None:
    """Wherever a byte of a file is changed, or the file ends too early, what is read is right or a JournalError."""
    assert await wrong_readings(directory, closed, name, damage(closed[name])) == []


@pytest.mark.parametrize("name", ["journal.db", "journal.db-wal", "checkpoint.db-wal"])
@pytest.mark.parametrize("damage", [flipped, cut])
async def test_damage_after_a_kill_is_never_believed(
    directory: Path, killed: Files, name: str, damage: Callable[[bytes], Iterator[bytes]]
) -> None:
    """The same holds when the last commits are still in the write-ahead logs, and a log is what is damaged."""
    assert await wrong_readings(directory, killed, name, damage(killed[name])) == []


async def test_changed_byte_of_an_entry_is_refused_by_a_scan(directory: Path, closed: Files) -> None:
    """A byte that changed within an entry is found when the journal is read, and the message says what to do."""
    put_back(directory, closed | {"journal.db": closed["journal.db"].replace(b"trade-432", b"trade-433")})

    with pytest.raises(JournalCorrupt, match=r"journal.db is damaged: entries 1 to 900 .* restore it from a backup$"):
        await read_directory(directory)


async def test_changed_byte_of_an_entry_is_refused_by_a_read_of_it(directory: Path, closed: Files) -> None:
    """An entry that is read alone is checked like all others; its neighbours can still be read."""
    put_back(directory, closed | {"journal.db": closed["journal.db"].replace(b"trade-432", b"trade-433")})

    with DirectoryLock(directory) as lock:
        async with open_directory(lock) as (journal, _):
            assert await journal.read([431, 433]) == [*fills_from(431, 1), *fills_from(433, 1)]
            with pytest.raises(JournalCorrupt, match="entry 432 is not what was written"):
                await journal.read([432])


async def test_changed_byte_of_the_last_commit_is_refused_at_once(directory: Path, closed: Files) -> None:
    """The last commit is checked when the journal is opened."""
    put_back(directory, closed | {"journal.db": closed["journal.db"].replace(b"trade-900", b"trade-901")})

    with (
        DirectoryLock(directory),
        pytest.raises(JournalCorrupt, match="entries 900 to 900 are not what was written"),
    ):
        SqliteJournal(directory)


async def test_changed_byte_of_a_row_is_refused(directory: Path, closed: Files) -> None:
    """A row that changed is not believed; the message says how to get it back."""
    put_back(directory, closed | {"checkpoint.db": closed["checkpoint.db"].replace(b"user-7", b"user-8")})

    with pytest.raises(JournalCorrupt, match=r"checkpoint.db is damaged: .* delete it, and it is made again from the"):
        await read_directory(directory)


async def test_lost_end_of_the_log_is_refused(directory: Path, killed: Files) -> None:
    """SQLite drops a commit whose log was cut off; the journal remembers that it acknowledged more."""
    put_back(directory, killed | {"journal.db-wal": killed["journal.db-wal"][:-1]})

    with pytest.raises(JournalCorrupt, match="ends at entry 899, but entry 900 was acknowledged"):
        await read_directory(directory)


@pytest.mark.parametrize(
    ("name", "statement", "complaint"),
    [
        ("journal.db", "DELETE FROM entries WHERE sequence = 432", "entries 1 to 900 are not what was written"),
        ("journal.db", "DELETE FROM entries WHERE sequence = 900", "its last entry is 899 and its last commit ends at"),
        ("journal.db", "DELETE FROM commits WHERE last_sequence = 600", "missing between entries 599 and 600"),
        ("checkpoint.db", "DELETE FROM parts WHERE kind = 'bust' AND key = '[12]'", "of its 50 bust parts, some are"),
        ("checkpoint.db", "DELETE FROM meta WHERE key = 'contents'", "of its 0 position parts, some are missing"),
        ("checkpoint.db", "UPDATE meta SET value = '[700]' WHERE key = 'contents'", "its contents is not what was"),
    ],
)
async def test_missing_lines_are_refused(
    directory: Path, closed: Files, name: str, statement: str, complaint: str
) -> None:
    """Nothing can be taken out of a file unnoticed, even in a way that SQLite itself finds sound."""
    put_back(directory, closed)
    with closing(sqlite3.connect(directory / name, isolation_level=None)) as connection:
        connection.execute(statement)

    with pytest.raises(JournalCorrupt, match=complaint):
        await read_directory(directory)
