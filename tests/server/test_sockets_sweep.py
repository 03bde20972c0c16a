"""Connections are looked after whatever happens to one of them; and when nobody looks any more, that is said."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from structlog.testing import capture_logs

from openpositions.core.book import Book
from openpositions.server.socket import Connection
from openpositions.server.sockets import Sockets
from openpositions.wire.socket.session import Access, Session
from tests.acceptance.http import ask
from tests.acceptance.websocket import PING, WebSocket, connect, connect_narrow
from tests.events import bought_yes
from tests.server.live import live

PING_SECONDS = 0.05


async def pings(socket: WebSocket, count: int) -> None:
    """Waits for so many pings."""
    async with asyncio.timeout(5):
        for _ in range(count):
            assert (await socket.receive()).opcode == PING


async def test_key_revoked_during_its_handshake_costs_nobody_else_anything(
    tmp_path: Path, rsa_key: RSAPrivateKey
) -> None:
    """Its owner is told 4003 and does not answer; the connections of others are pinged as before."""
    async with live(tmp_path, rsa_key, ping_seconds=PING_SECONDS) as service:
        alice, bob = service.caller("alice"), service.caller("bob")
        sockets = service.service.sockets

        def revoke_meanwhile(access: Access, book: Book, epoch: str) -> Session:
            if access.user_id == "bob":
                service.service.keys.revoke(bob.key_id)
            return Session(access, book, epoch)

        sockets.make_session = revoke_meanwhile
        async with await connect(service, alice) as other, await connect(service, bob) as revoked:
            assert await revoked.close_code() == 4003
            await pings(other, 3)


async def test_connection_that_fails_is_the_only_one_that_ends(
    tmp_path: Path, rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is closed with 1011 and a line in the log; the others are pinged as before."""
    ping = Connection.ping

    def fail_for_bob(connection: Connection) -> None:
        if connection.user_id == "bob":
            raise RuntimeError("a mistake of ours")
        ping(connection)

    monkeypatch.setattr(Connection, "ping", fail_for_bob)
    with capture_logs() as logs:
        async with live(tmp_path, rsa_key, ping_seconds=PING_SECONDS) as service:
            alice, bob = service.caller("alice"), service.caller("bob")
            async with await connect(service, bob) as failing, await connect(service, alice) as other:
                assert await failing.close_code() == 1011
                await pings(other, 3)

    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("a connection failed while it was looked after", "error")
    ]


async def test_peer_that_pings_and_takes_nothing_is_cut(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Its pings are no sign that it took anything."""
    async with live(tmp_path, rsa_key, stall_seconds=0.5) as service:
        alice = service.caller("alice")
        async with await connect_narrow(service, alice) as socket:
            await socket.subscribe("market_positions")
            (connection,) = service.service.hub.listeners()
            assert isinstance(connection, Connection)
            number = 0
            while not connection.is_waiting:
                await service.service.pipeline.submit([bought_yes(f"t{number + i}") for i in range(500)])
                number += 500
            async with asyncio.timeout(10):
                while len(service.service.sockets):
                    socket.send_soon(b"here?", PING)
                    await asyncio.sleep(0.05)


async def test_peer_that_goes_away_is_no_failure_of_ours(
    tmp_path: Path, rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is logged, although what was written to it last raised."""

    async def fail(_: Connection) -> None:
        raise ConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(Connection, "run", fail)
    with capture_logs() as logs:
        async with live(tmp_path, rsa_key) as service, await connect(service, service.caller("alice")) as socket:
            await socket.close_code()

    assert logs == []


async def test_end_of_the_sweep_is_said_on_readyz(
    tmp_path: Path, rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events are still taken, but nobody is pinged: who watches the service restarts it."""

    async def fail(_: Sockets) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(Sockets, "sweep", fail)
    with capture_logs() as logs:
        async with live(tmp_path, rsa_key) as service:
            answer = await ask(service, None, "GET", "/readyz")

    assert answer.status == 503
    assert answer.content == {
        "error": {
            "code": "service_stopped",
            "message": "the sweep of the connections has failed, the log says why; restart the service",
        }
    }
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("the sweep of the connections has failed", "critical")
    ]
