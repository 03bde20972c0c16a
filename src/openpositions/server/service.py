"""The composition root: the one place that names the concrete journal, and wires the rooms together."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import structlog

from openpositions.core.book import Book
from openpositions.engine.contents import contents_of
from openpositions.engine.hub import Hub
from openpositions.engine.past import Past
from openpositions.engine.pipeline import Pipeline
from openpositions.engine.recovery import recover
from openpositions.engine.verification import verify
from openpositions.journal.directory import open_directory
from openpositions.journal.lock import DirectoryLock
from openpositions.server.auth import Authenticator
from openpositions.server.duties import Duties
from openpositions.server.keys import KeyStore
from openpositions.server.limits import UserRates
from openpositions.server.origin import Origins
from openpositions.server.routes.history_routes import HistorySources
from openpositions.server.routes.reads import ReadSources
from openpositions.server.sockets import Sockets
from openpositions.server.tickets import Tickets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openpositions.engine.archive import Archive
    from openpositions.journal.base import CheckpointStore, Journal
    from openpositions.server.sandbox.faults import Faults
    from openpositions.server.settings import Settings

_log = structlog.get_logger("openpositions.service")


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Service:
    """Everything that runs on one data directory. Made by `running`."""

    def __init__(  # noqa: PLR0913 - whatever `running` opened
        self,
        settings: Settings,
        keys: KeyStore,
        book: Book,
        journal: Journal,
        *,
        checkpoints: CheckpointStore,
        archive: Archive,
    ) -> None:
        self.settings = settings
        self.now_ms = now_ms
        self.keys = keys
        self.book = book
        self.archive = archive
        self.verify = partial(verify, journal, checkpoints, partial(contents_of, book))
        self.duties = Duties()
        self.hub = Hub(book)
        self.pipeline = Pipeline(book, journal, archive, self.hub.publish, self.hub.catch_up)
        self.faults: Faults | None = None
        """Those of a sandbox; None for a service that is none."""
        self.sockets = Sockets(book, self.hub, journal.epoch, keys, settings)
        self.authenticator = Authenticator(keys, settings.timestamp_window_ms)
        self.tickets = Tickets(keys, asyncio.get_running_loop().time)
        self.origins = Origins(settings.allowed_origins)
        self.rates = UserRates(settings.reads_per_second)
        self.reads = ReadSources(
            book, archive.fills, now_ms, lambda: self.pipeline.failure is None, settings.reads_per_second
        )
        self.history = HistorySources(book, Past(book, archive), archive)

    @property
    def failure(self) -> Exception | None:
        """Why it should be restarted; None while nothing of it has failed."""
        return self.pipeline.failure or self.duties.failure

    async def run(self) -> None:
        """Commits and looks after the connections until cancelled.

        A failure of the disk ends only the taking of events: what is durable can still be read, and /readyz says why.
        """
        sweep = self.duties.start("the sweep of the connections", self.sockets.sweep)
        try:
            await self.pipeline.run()
        except Exception:  # noqa: BLE001 - whatever it is, it is said loudly and on /readyz
            _log.critical("the service takes no events any more", exc_info=True)
            await asyncio.Event().wait()
        finally:
            sweep.cancel()


@asynccontextmanager
async def running(settings: Settings, faults: Faults | None = None) -> AsyncIterator[Service]:
    """A service on its data directory: recovered, committing, not listening yet. With `faults` it is a sandbox.

    On leaving, what was taken is committed, connections are closed as for a planned stop, and a checkpoint is saved.
    Raises JournalLocked when another process owns the directory, and JournalError when it cannot be trusted.
    """
    async with AsyncExitStack() as stack:
        lock = stack.enter_context(DirectoryLock(settings.data))
        keys = KeyStore(settings.data / "keys.db", now_ms)
        stack.callback(keys.close)
        journal, checkpoints = await stack.enter_async_context(open_directory(lock))
        book = Book()
        archive = await recover(book, journal, checkpoints)
        service = Service(settings, keys, book, journal, checkpoints=checkpoints, archive=archive)
        if faults is not None:
            faults.install(service)
        loop = asyncio.get_running_loop()

        def close_sockets(key_id: str) -> None:
            # Revoking happens in a thread of its own; sockets belong to the loop.
            asyncio.run_coroutine_threadsafe(service.sockets.revoke(key_id), loop)

        keys.on_revoked.append(close_sockets)
        work = asyncio.create_task(service.run())
        try:
            yield service
        finally:
            await service.pipeline.drain()
            await service.sockets.shut_down()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            if service.pipeline.failure is None:
                await archive.checkpointing.finish()
                await archive.checkpointing.save()
