"""Who is not let in, and how connections end (protocol, 1 and "Close codes")."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import ask, feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import CLOSE, TEXT, Refused, connect, encode_frame

MESSAGE_TOO_BIG, SERVICE_RESTART, KEY_REVOKED = 1009, 1012, 4003
LONGEST_FRAME = 64 * 1024


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service with its default settings."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    for user_id in ("alice", "bob", "carol"):
        service.add_key(user_id)
    service.add_key("admin", scopes=frozenset({"admin"}))
    with service:
        yield service


async def test_the_201st_connection_of_a_user_is_refused(service: Service) -> None:
    """With 429, while other users still get theirs; and when one of the 200 ends, its place is free."""
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(await connect(service, service.callers["bob"])) for _ in range(200)]
        with pytest.raises(Refused) as refusal:
            await connect(service, service.callers["bob"])
        assert (refusal.value.status, refusal.value.body) == (429, b'{"error":"too many requests"}')
        await stack.enter_async_context(await connect(service, service.callers["alice"]))
        await sockets[0].send(b"\x03\xe8", CLOSE)
        await sockets[0].rest()
        await stack.enter_async_context(await connect(service, service.callers["bob"]))


async def test_a_message_of_64_kib_is_taken(service: Service) -> None:
    """The longest that may be, spaces and all, is answered like any other."""
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.send(b'{"id":1,"cmd":"list_subscriptions"}'.ljust(LONGEST_FRAME))
        assert await socket.text() == b'{"id":1,"type":"ok","msg":[]}'


async def test_a_longer_message_closes_with_1009(service: Service) -> None:
    """One byte more than is allowed is too much."""
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.send(b"{}".ljust(LONGEST_FRAME + 1))
        assert await socket.close_code() == MESSAGE_TOO_BIG


async def test_a_message_too_long_in_pieces_closes_with_1009(service: Service) -> None:
    """Fragments count together."""
    async with await connect(service, service.callers["alice"]) as socket:
        socket.writer.write(encode_frame(bytes(LONGEST_FRAME // 2), TEXT, first_bits=0))
        socket.writer.write(encode_frame(bytes(LONGEST_FRAME // 2), 0, first_bits=0))
        socket.writer.write(encode_frame(b"1", 0))
        assert await socket.close_code() == MESSAGE_TOO_BIG


async def test_the_size_of_a_message_is_judged_before_it_comes(service: Service) -> None:
    """A header that announces a terabyte is enough."""
    async with await connect(service, service.callers["alice"]) as socket:
        socket.writer.write(b"\x81\xff" + (1 << 40).to_bytes(8) + bytes(4))
        assert await socket.close_code() == MESSAGE_TOO_BIG


async def test_revoking_a_key_closes_its_sockets_within_a_second(service: Service) -> None:
    """With 4003, and no new one opens."""
    carol = service.callers["carol"]
    async with await connect(service, carol) as socket:
        answer = await ask(service, service.callers["admin"], "DELETE", f"/v1/keys/{carol.key_id}")
        assert answer.status == 200
        async with asyncio.timeout(1):
            assert await socket.close_code() == KEY_REVOKED
    with pytest.raises(Refused) as refusal:
        await connect(service, carol)
    assert refusal.value.status == 401


async def test_a_planned_stop_closes_with_1012(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Where a subscription is extended, a notice comes first; elsewhere nothing does that the venue would not send."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        async with await connect(service, alice) as plain, await connect(service, alice) as extended:
            await plain.subscribe("market_positions")
            await extended.subscribe("market_positions", extended=True)
            service.process.terminate()
            assert await extended.text() == b'{"type":"notice","msg":{"event":"shutdown"}}'
            for socket in (plain, extended):
                closing = await socket.receive()
                assert (closing.opcode, closing.payload[:2]) == (CLOSE, SERVICE_RESTART.to_bytes(2))
                await socket.send(closing.payload[:2], CLOSE)
        assert service.process.wait(60) == 0


async def test_a_planned_stop_under_load_cuts_nobody(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """For whoever reads, 1012 is the last thing, although changes are on their way to them when the stop comes."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        async with AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(await connect(service, alice)) for _ in range(50)]
            for socket in sockets:
                await socket.subscribe("market_positions")
            endings = [asyncio.create_task(socket.rest()) for socket in sockets]
            await stop_amid_load(service)
            assert {ending[-4:] for ending in await asyncio.gather(*endings)} == {b"\x88\x02\x03\xf4"}
        assert service.process.wait(60) == 0


async def stop_amid_load(service: Service) -> None:
    """Feeds fills as fast as they are taken, tells the service to stop on the way, and goes on until it does."""
    async with ClientSession() as session:
        for batch in count():
            fills = [fill(f"load-{batch}-{number}", "alice", f"LOAD-{number}") for number in range(500)]
            feeding = asyncio.create_task(feed(service, *fills, session=session))
            if batch == 5:
                service.process.terminate()
            try:
                await feeding
            except (ClientError, AssertionError):
                return
