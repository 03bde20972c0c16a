"""A thread that owns a connection."""

import asyncio
import sqlite3
from pathlib import Path
from threading import Event, current_thread

import pytest

from openpositions.errors import JournalCorrupt
from openpositions.journal.database import Database, Format
from openpositions.journal.worker import Worker

FORMAT = Format(version=1, schema="journal.sql", steps={}, remedy="mend it")


def worker_on(path: Path) -> Worker:
    """A worker on a new database."""
    database = Database(path / "file.db", FORMAT)
    return Worker(database, database.open())


async def test_work_is_done_in_order_in_a_thread_of_its_own(tmp_path: Path) -> None:
    """While it goes on, the event loop is free for others."""
    worker, may_go, done = worker_on(tmp_path), Event(), list[tuple[int, bool]]()

    def work(number: int) -> int:
        assert may_go.wait(10)
        done.append((number, current_thread().name.startswith("file.db")))
        return number

    first = asyncio.create_task(worker.run(lambda _: work(1)))
    second = asyncio.create_task(worker.run(lambda _: work(2)))
    await asyncio.sleep(0)
    may_go.set()

    assert [await second, await first] == [2, 1]
    assert done == [(1, True), (2, True)]
    await worker.close()


async def test_errors_of_the_database_are_those_of_the_journal(tmp_path: Path) -> None:
    """They name the file; the next work is done all the same."""
    worker = worker_on(tmp_path)

    with pytest.raises(JournalCorrupt, match=r"file\.db is damaged: no such table: nowhere; mend it"):
        await worker.run(lambda connection: connection.execute("SELECT * FROM nowhere"))
    assert await worker.run(lambda connection: connection.execute("SELECT 7").fetchone()) == (7,)
    await worker.close()


async def test_connection_is_closed_after_the_work_that_waits(tmp_path: Path) -> None:
    """Nothing that was asked for before is dropped."""
    worker = worker_on(tmp_path)
    connections: list[sqlite3.Connection] = []

    working = asyncio.create_task(worker.run(connections.append))
    await asyncio.sleep(0)
    await worker.close()

    await working
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connections[0].execute("SELECT 1")
