"""How connections are ended by the service when something comes between."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from structlog.testing import capture_logs

from openpositions.core.book import Book
from openpositions.server.socket import Connection
from openpositions.wire.socket.session import Access, Session
from tests.acceptance.websocket import connect
from tests.server.live import live


async def test_handshake_that_ends_after_the_stop_began_is_told_of_it(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """With 1012, as those are told whose handshake was over."""
    async with live(tmp_path, rsa_key) as service:
        sockets = service.service.sockets

        def stop_meanwhile(access: Access, book: Book, epoch: str) -> Session:
            sockets.stopping = True  # whoever was connected is being told
            return Session(access, book, epoch)

        sockets.make_session = stop_meanwhile
        async with await connect(service, service.caller("alice")) as socket:
            assert await socket.close_code() == 1012


async def test_connection_that_cannot_be_closed_is_cut_and_the_others_are_closed(
    tmp_path: Path, rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key is revoked, and closing one of its two connections fails: with a line in the log."""
    close = Connection.close
    closings: list[int] = []

    async def fail_at_first(
        connection: Connection, code: int, notice: bytes | None = None, *, patience_seconds: float = 0.0
    ) -> None:
        closings.append(code)
        if len(closings) == 1:
            raise RuntimeError("a mistake of ours")
        await close(connection, code, notice, patience_seconds=patience_seconds)

    monkeypatch.setattr(Connection, "close", fail_at_first)
    with capture_logs() as logs:
        async with live(tmp_path, rsa_key) as service:
            alice = service.caller("alice")
            async with await connect(service, alice) as first, await connect(service, alice) as second:
                await asyncio.to_thread(service.service.keys.revoke, alice.key_id)
                assert await second.close_code() == 4003
                assert await first.rest() == b""

    assert [(log["event"], log["log_level"]) for log in logs] == [("a connection could not be closed", "error")]
