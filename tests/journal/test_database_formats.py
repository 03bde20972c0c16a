"""Files of another format, of another program, or of none."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from openpositions.errors import JournalCorrupt, JournalTooNew
from openpositions.journal.checkpoint import FORMAT as CHECKPOINT_FORMAT
from openpositions.journal.database import Database, Format
from openpositions.journal.sqlite import FORMAT as JOURNAL_FORMAT
from openpositions.journal.sqlite import SqliteJournal
from tests.journal.stored import read_directory

OF_TODAY = Format(version=1, schema="journal.sql", steps={}, remedy="mend it")


def add_color(connection: sqlite3.Connection) -> None:
    """A made-up step to format 2."""
    connection.execute("ALTER TABLE entries ADD COLUMN color TEXT DEFAULT 'blue'")


def paint_red(connection: sqlite3.Connection) -> None:
    """A made-up step to format 3."""
    connection.execute("UPDATE entries SET color = 'red'")


def fail(connection: sqlite3.Connection) -> None:
    """A step that fails after it changed something."""
    connection.execute("DELETE FROM entries")
    connection.execute("SELECT * FROM nowhere")


OF_TOMORROW = OF_TODAY._replace(version=3, steps={1: add_color, 2: paint_red})


def database_with_an_entry(path: Path) -> Path:
    """A file of format 1."""
    with closing(Database(path, OF_TODAY).open()) as connection:
        connection.execute("INSERT INTO entries VALUES (1, 'body')")
    return path


def test_older_format_is_brought_up_step_by_step(tmp_path: Path) -> None:
    """Each step runs once, in order, and what was stored is kept."""
    path = database_with_an_entry(tmp_path / "file.db")

    with closing(Database(path, OF_TOMORROW).open()) as connection:
        assert connection.execute("SELECT * FROM entries").fetchall() == [(1, b"body", b"red")]


def test_database_that_was_brought_up_stays_so(tmp_path: Path) -> None:
    """The next start of the same version has nothing to do."""
    path = database_with_an_entry(tmp_path / "file.db")
    Database(path, OF_TOMORROW).open().close()

    with closing(Database(path, OF_TOMORROW).open()) as connection:
        assert connection.execute("SELECT color FROM entries").fetchall() == [(b"red",)]


def test_failed_step_changes_nothing(tmp_path: Path) -> None:
    """A file is brought up completely or left as it was."""
    path = database_with_an_entry(tmp_path / "file.db")

    with pytest.raises(JournalCorrupt, match="no such table: nowhere"):
        Database(path, OF_TODAY._replace(version=3, steps={1: add_color, 2: fail})).open()

    with closing(Database(path, OF_TODAY).open()) as connection:
        assert connection.execute("SELECT * FROM entries").fetchall() == [(1, b"body")]


@pytest.mark.parametrize(
    ("name", "form"), [("journal.db", JOURNAL_FORMAT), ("checkpoint.db", CHECKPOINT_FORMAT)], ids=["journal", "book"]
)
async def test_newer_format_is_refused(directory: Path, name: str, form: Format) -> None:
    """A file that a later version wrote is left alone; the message says to upgrade."""
    await read_directory(directory)
    Database(
        directory / name, form._replace(version=form.version + 1, steps={form.version: lambda _: None})
    ).open().close()

    with pytest.raises(
        JournalTooNew,
        match=rf"{name} has format {form.version + 1} and this version .* up to {form.version}; upgrade openpositions$",
    ):
        await read_directory(directory)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Any other file in the place of the journal is refused, and left as it is."""
    diary = tmp_path / "journal.db"
    diary.write_text("Dear diary, " * 100, encoding="utf-8")

    with pytest.raises(JournalCorrupt, match=r"is damaged: file is not a database; restore it from a backup"):
        SqliteJournal(tmp_path)

    assert diary.read_text(encoding="utf-8") == "Dear diary, " * 100


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A database without the tables of this one is not made to have them."""
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute("CREATE TABLE recipes (name)")

    with pytest.raises(JournalCorrupt, match="no such table: meta"):
        SqliteJournal(tmp_path)


async def test_changed_definitions_are_refused(directory: Path) -> None:
    """Tables that somebody changed are not trusted to keep what they are given."""
    await read_directory(directory)
    with closing(sqlite3.connect(directory / "journal.db")) as connection:
        connection.execute("ALTER TABLE entries ADD COLUMN remark")

    with pytest.raises(JournalCorrupt, match="its tables are not those of format 1"):
        await read_directory(directory)
