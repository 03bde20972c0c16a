"""Where the service runs, ends and runs again; and the door through which its book is looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, UnixConnector

from openpositions.server.listen import CONTROL_SOCKET

if TYPE_CHECKING:
    from tests.acceptance.service import Service


class Place:
    """The real service, and who waits for it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.up = asyncio.Event()
        """Set while it accepts."""
        self.stops = self.kills = 0
        self.base_bytes = 0
        """Its memory after its last start."""
        self._gone = asyncio.Event()

    async def start(self) -> None:
        """Returns when it accepts."""
        await asyncio.to_thread(self.service.start)
        self.base_bytes = self.service.memory_bytes()
        self._gone = asyncio.Event()
        self.up.set()

    async def stop(self) -> None:
        """Stops it as an operator would."""
        self.up.clear()
        self.stops += 1
        assert await asyncio.to_thread(self.service.stop) == 0
        self._gone.set()

    async def kill(self) -> None:
        """Ends it in the middle of whatever it does."""
        self.up.clear()
        self.kills += 1
        await asyncio.to_thread(self.service.kill)
        self._gone.set()

    async def is_gone_or(self, event: asyncio.Event) -> None:
        """Returns when the service that runs now has ended, or when something else has happened."""
        waiting = [asyncio.create_task(one.wait()) for one in (self._gone, event)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def rows(self, user_id: str, subaccount: int) -> list[dict[str, Any]]:
        """The rows of open markets, as REST answers them to the owner of the data directory."""
        rows: list[dict[str, Any]] = []
        query = {"user_id": user_id, "subaccount": str(subaccount), "limit": "1000", "cursor": ""}
        while True:
            page = await self._ask("/trade-api/v2/portfolio/positions", query)
            rows += page["market_positions"]
            if not page["cursor"]:
                return rows
            query["cursor"] = page["cursor"]

    async def sequence(self) -> int:
        """The head of the journal."""
        return int((await self._ask("/readyz", {}))["sequence"])

    async def verification(self) -> dict[str, Any]:
        """What recomputing everything from the journal found."""
        return await self._ask("/v1/verify", {})

    async def _ask(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        connector = UnixConnector(str(self.service.data / CONTROL_SOCKET))
        async with (
            ClientSession("http://localhost", connector=connector) as session,
            session.get(path, params=query) as response,
        ):
            assert response.status == 200, await response.text()
            content: dict[str, Any] = await response.json()
            return content
