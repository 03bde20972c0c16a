"""The one way of a command to a data directory: the service on it, started in this process when none runs."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import aiohttp

from openpositions.errors import JournalLocked, Misconfigured, RequestFailed
from openpositions.server.listen import CONTROL_SOCKET, controllable
from openpositions.server.service import running
from openpositions.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# A service that starts holds the lock before it can answer: it reads its checkpoint and the rest of its journal first.
_START_SECONDS = 60
_RETRY_SECONDS = 0.05


@asynccontextmanager
async def attached(data: Path, *, make: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with the control socket of the service that owns the directory.

    A directory that is not there is made only where `make` is set. Raises Misconfigured when it is missing, and
    RequestFailed when somebody holds it who does not answer.
    """
    if not make and not (data / "journal.db").exists():
        raise Misconfigured(f"--data {data} holds no journal; give the directory that `openpositions serve` was given")
    async with AsyncExitStack() as stack:
        path = await _control_socket(stack, data)
        # A verification of millions of entries takes minutes.
        session = aiohttp.ClientSession(
            "http://localhost", connector=aiohttp.UnixConnector(str(path)), timeout=aiohttp.ClientTimeout(total=None)
        )
        yield await stack.enter_async_context(session)


async def running_socket(data: Path) -> Path:
    """The path of the control socket of the service that runs on a directory. Raises Misconfigured when none does."""
    path = _socket_path(data)
    if not await _accepts(path):
        raise Misconfigured(
            f"no service runs on --data {data}; start one with `openpositions serve --data {data}`,"
            " or use `openpositions positions`"
        )
    return path


async def _control_socket(stack: AsyncExitStack, data: Path) -> Path:
    """The path of a socket that accepts, of a running service or of one that runs until the stack is left."""
    path = _socket_path(data)
    give_up_at = time.monotonic() + _START_SECONDS
    while not await _accepts(path):
        # Whoever holds the lock may be about to let go of it, or not be done with starting.
        with suppress(JournalLocked):
            return await stack.enter_async_context(_started(data))
        if time.monotonic() > give_up_at:
            raise RequestFailed(f"a process holds {data} and does not answer on {path}; stop it, or wait for its start")
        await asyncio.sleep(_RETRY_SECONDS)
    return path


@asynccontextmanager
async def _started(data: Path) -> AsyncIterator[Path]:
    async with running(Settings(data=data)) as service, controllable(service) as path:
        yield path


def _socket_path(data: Path) -> Path:
    return data.absolute() / CONTROL_SOCKET


async def _accepts(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True
