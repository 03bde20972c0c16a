"""A sandbox, told of its faults in one of the two ways that there are, and clients that meet them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from openpositions.testing.sandbox_server import SandboxServer
from openpositions.testing.user_keys import UserKey
from tests.acceptance.http import Answer, ask
from tests.acceptance.websocket import PATIENCE_SECONDS, Refused, WebSocket, connect

SHUTTING_DOWN = 503


class Sandbox(NamedTuple):
    """The service that `openpositions_server` gives, as the helpers of these tests want it."""

    server: SandboxServer
    over_http: bool
    """Faults are posted; otherwise the methods make them."""

    @property
    def url(self) -> str:
        """Where it is."""
        return self.server.url

    @property
    def host(self) -> str:
        """Its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Its port."""
        return urlsplit(self.url).port or 0

    async def make(self, method: Callable[[SandboxServer], None], **fault: object) -> None:
        """Makes a fault: by its method, or by a post that says the same."""
        if not self.over_http:
            method(self.server)
            return
        answer = await self.post(fault)
        assert answer.status == 200, answer

    async def post(self, faults: object) -> Answer:
        """The answer to a body of faults, signed by an administrator."""
        return await ask(self, self.admin, "POST", "/v1/faults", json.dumps(faults).encode())

    @property
    def admin(self) -> UserKey:
        """Whose key may make faults."""
        return self.server.key("admin", scopes=["admin"])

    async def connect(self, user: str = "alice", query: str = "") -> WebSocket:
        """A socket of a user. Raises Refused."""
        return await connect(self, self.server.key(user), query)

    async def subscribed(self, user: str = "alice", query: str = "") -> WebSocket:
        """A socket that is subscribed to every position of its user."""
        socket = await self.connect(user, query)
        await socket.subscribe("market_positions")
        return socket

    async def reconnected(self, user: str = "alice") -> WebSocket:
        """The same, as soon as the service is there again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    return await self.subscribed(user)
                except (ConnectionError, asyncio.IncompleteReadError):
                    await asyncio.sleep(0.01)
                except Refused as refused:  # it says that it is going
                    if refused.status != SHUTTING_DOWN:
                        raise
                    await asyncio.sleep(0.01)


def market(frame: Any) -> str:  # noqa: ANN401 - JSON
    """Which market a position frame is about."""
    return str(frame["msg"]["market_ticker"])
