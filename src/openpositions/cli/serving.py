"""A service that runs until it is stopped."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import msgspec
import structlog

from openpositions.server.listen import controllable, listening
from openpositions.server.service import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from openpositions.server.sandbox.faults import Faults
    from openpositions.server.service import Service
    from openpositions.server.settings import Settings

_log = structlog.get_logger("openpositions.serve")


class Serving(NamedTuple):
    """A service that accepts."""

    service: Service
    url: str
    stop: asyncio.Event
    """Set by SIGTERM and SIGINT."""


def say_ready(url: str) -> None:
    """Prints what programs wait for that started the service."""
    print(f"ready {url}", flush=True)


@asynccontextmanager
async def serving(
    settings: Settings, announce: Callable[[str], None] = say_ready, faults: Faults | None = None
) -> AsyncIterator[Serving]:
    """The service of a data directory on its port and its control socket; announces its URL once it accepts.

    With `faults` it is a sandbox. On leaving, connections are closed as for a planned stop.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, faults) as service, controllable(service), listening(service) as url:
        _log.info(
            "serving", url=url, data=str(settings.data), sequence=service.book.sequence, sandbox=faults is not None
        )
        announce(url)
        try:
            yield Serving(service, url, stop)
        finally:
            # While the port is still open, so that everybody hears why.
            await service.sockets.shut_down()
            _log.info("stopping", sequence=service.book.sequence)


async def serving_again(
    settings: Settings, faults: Faults, announce: Callable[[str], None] = say_ready
) -> AsyncGenerator[Serving]:
    """The service of a sandbox, once more after each restart: on the same data and port, under the same faults.

    Whoever takes one waits for `faults.until_restart`, and takes the next; after a stop there is none. Announced is the
    first one only: whoever started the program waited for one line.
    """
    while True:
        async with serving(settings, announce, faults) as served:
            yield served
        if served.stop.is_set():
            return
        settings = msgspec.structs.replace(settings, port=urlsplit(served.url).port or 0)
        announce = _say_nothing


def _say_nothing(_: str) -> None:
    pass
