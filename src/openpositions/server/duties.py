"""Work that goes on beside the requests for as long as the service runs, and what is said when some of it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = structlog.get_logger("openpositions.service")


class Duties:
    """What nobody awaits while it goes on, so that its end would go unnoticed."""

    def __init__(self) -> None:
        self.failure: ServiceStopped | None = None
        """What failed first, for /readyz; None while all of it goes on."""

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Does the work until the task is cancelled. A failure of it is logged and kept; all else goes on."""
        return asyncio.create_task(self._do(name, work))

    async def _do(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:  # noqa: BLE001 - whatever it is, it is said loudly and on /readyz
            _log.critical(f"{name} has failed", exc_info=True)
            self.failure = self.failure or ServiceStopped(f"{name} has failed, the log says why; restart the service")
