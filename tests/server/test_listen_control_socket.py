"""The owner of a data directory follows a user over its socket file, without a key."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import pytest

from openpositions.server.keys import NewKey
from openpositions.server.listen import controllable, listening
from openpositions.server.service import Service, running
from openpositions.server.settings import Settings
from openpositions.wire.paths import SOCKET_PATH
from tests.acceptance.service import Caller
from tests.events import bought_yes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class Owned(NamedTuple):
    """A service in this process, as its owner has it."""

    service: Service
    control: aiohttp.ClientSession
    url: str
    """Of the port that is for everybody else."""

    def follow(self, user: str) -> Any:  # noqa: ANN401 - aiohttp's context manager
        """A socket that follows a user, through the socket file."""
        closing = aiohttp.ClientWSTimeout(ws_close=1)
        return self.control.ws_connect(SOCKET_PATH, params={"user_id": user}, timeout=closing)


@asynccontextmanager
async def owning(data: Path, **settings: Any) -> AsyncIterator[Owned]:  # noqa: ANN401 - whatever a service takes
    """A service and the way of its owner to it."""
    async with (
        running(Settings(data=data, port=0, **settings)) as service,
        listening(service) as url,
        controllable(service) as path,
        aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(str(path))) as control,
    ):
        yield Owned(service, control, url)


async def test_owner_follows_the_user_that_is_named(tmp_path: Path) -> None:
    """And hears of nobody else."""
    async with owning(tmp_path / "data") as owned, owned.follow("alice") as socket:
        await socket.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        assert (await socket.receive_json())["type"] == "subscribed"
        await owned.service.pipeline.submit([bought_yes("t1", user="bob"), bought_yes("t2", user="alice")])
        frame = await socket.receive_json()

    assert frame["msg"]["user_id"] == "alice"


async def test_socket_without_a_user_is_refused(tmp_path: Path) -> None:
    """With the name of what is missing."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "AAAAAAAAAAAAAAAAAAAAAA=="
    async with owning(tmp_path / "data") as owned, owned.control.get(SOCKET_PATH, headers=upgrade) as response:
        answer = await response.json()

    assert response.status == 400
    assert answer["error"]["message"] == "user_id must name a user, and is missing"


async def test_owner_takes_no_place_of_the_user(tmp_path: Path, rsa_key: RSAPrivateKey, public_key: str) -> None:
    """Who has a key is let in beside the owner; and the owner has a limit too."""
    async with owning(tmp_path / "data", connections_per_user=1) as owned, owned.follow("alice"):
        key = owned.service.keys.add(NewKey(user_id="alice", scopes=frozenset({"read"}), public_key=public_key))
        headers = Caller("alice", key.key_id, rsa_key).headers("GET", SOCKET_PATH)
        async with aiohttp.ClientSession() as session, session.ws_connect(owned.url + SOCKET_PATH, headers=headers):
            pass
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await owned.follow("alice")

    assert refused.value.status == 429
