"""The one way of a command to a data directory: the service on it, started in this process when none runs."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import aiohttp

from openpositions.cli.holder import holder_of
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

# A service that is well says so at once, however much it does. One that was stopped, or is stuck, still has a socket
# on which the system accepts for it.
_ANSWER_SECONDS = 15
_LOOK_SECONDS = 5
_MOST_SILENCES = 2


@asynccontextmanager
async def attached(data: Path, *, make: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with the control socket of the service that owns the directory.

    A directory that is not there is made only where `make` is set. Raises Misconfigured when it is missing, and
    RequestFailed when somebody holds it who does not answer, or stops answering before the session is left.
    """
    if not make and not (data / "journal.db").exists():
        raise Misconfigured(f"--data {data} holds no journal; give the directory that `openpositions serve` was given")
    async with AsyncExitStack() as stack:
        path = _socket_path(data)
        runs_here = not await _answers(path, data) and await _start(stack, path, data)
        session = await stack.enter_async_context(_session(path))
        if not runs_here:
            await stack.enter_async_context(_while_answering(session, data))
        yield session


async def running_socket(data: Path) -> Path:
    """The path of the control socket of the service that runs on a directory. Raises Misconfigured when none does."""
    path = _socket_path(data)
    if not await _answers(path, data):
        raise Misconfigured(
            f"no service runs on --data {data}; start one with `openpositions serve --data {data}`,"
            " or use `openpositions positions`"
        )
    return path


async def _start(stack: AsyncExitStack, path: Path, data: Path) -> bool:
    """Returns when a service answers: True for one that runs here until the stack is left, False for another."""
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        # Whoever holds the lock may be about to let go of it, or not be done with starting.
        with suppress(JournalLocked):
            await stack.enter_async_context(_started(data))
            return True
        if await _answers(path, data):
            return False
        if time.monotonic() > give_up_at:
            raise _silence(data)
        await asyncio.sleep(_RETRY_SECONDS)


@asynccontextmanager
async def _started(data: Path) -> AsyncIterator[None]:
    async with running(Settings(data=data)) as service, controllable(service):
        yield


def _socket_path(data: Path) -> Path:
    return data.absolute() / CONTROL_SOCKET


def _session(path: Path) -> aiohttp.ClientSession:
    # A verification of millions of entries takes minutes.
    return aiohttp.ClientSession(
        "http://localhost", connector=aiohttp.UnixConnector(str(path)), timeout=aiohttp.ClientTimeout(total=None)
    )


async def _answers(path: Path, data: Path) -> bool:
    """Whether a service is there. Raises RequestFailed when one is that does not answer."""
    try:
        async with _session(path) as session:
            await _look_after(session)
    except TimeoutError:
        raise _silence(data) from None
    except (aiohttp.ClientError, OSError):
        return False
    return True


@asynccontextmanager
async def _while_answering(session: aiohttp.ClientSession, data: Path) -> AsyncIterator[None]:
    """Whatever is asked inside may take as long as it does. Raises RequestFailed once the service falls silent."""
    try:
        async with asyncio.timeout(None) as patience:
            looking = asyncio.create_task(_look_again_and_again(session, patience))
            try:
                yield
            finally:
                looking.cancel()
    except TimeoutError:
        if not patience.expired():
            raise
        raise _silence(data) from None


async def _look_again_and_again(session: aiohttp.ClientSession, patience: asyncio.Timeout) -> None:
    silences = 0
    # After a single one it may have been this process that was too busy to hear the answer.
    while silences < _MOST_SILENCES:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await _look_after(session)
        except TimeoutError:
            silences += 1
        except (aiohttp.ClientError, OSError):
            pass  # it is gone, which a request notices by itself
        else:
            silences = 0
    patience.reschedule(asyncio.get_running_loop().time())


async def _look_after(session: aiohttp.ClientSession) -> None:
    """Raises TimeoutError when a service accepts and does not answer."""
    async with asyncio.timeout(_ANSWER_SECONDS), session.get("/healthz") as response:
        await response.read()


def _silence(data: Path) -> RequestFailed:
    return RequestFailed(
        f"{holder_of(data)} holds {data} and does not answer on {_socket_path(data)}; end it, or wait for it"
    )
