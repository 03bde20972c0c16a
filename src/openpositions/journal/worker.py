"""A thread that owns a connection."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

    from openpositions.journal.database import Database

T = TypeVar("T")


class Worker:
    """Does one thing after the other with a connection, in a thread of its own, while the caller awaits it.

    SQLite gives up the interpreter lock only inside of each call and has to win it back after it, so work should be
    few calls that do much.
    """

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=database.path.name)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """The result of the work. Cancelling the caller does not undo work that has begun."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    async def close(self) -> None:
        """Closes the connection after the work that waits."""
        await self.run(_close)
        self._thread.shutdown()

    def _do(self, work: Callable[[Connection], T]) -> T:
        with self._database.errors_translated():
            return work(self._connection)


def _close(connection: Connection) -> None:
    connection.close()
