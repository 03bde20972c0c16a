"""Who asks over HTTP and takes the answer late, or never."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from psutil import Process

from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service

STALL_SECONDS = 1.0
POSITIONS = "/trade-api/v2/portfolio/positions"
MARKETS = 1_000
# One answer has some 400 kB. So many are more than the system buffers for a connection.
REQUESTS = 25
PIECE_BYTES, PAUSE_SECONDS = 1 << 18, 0.05


@pytest.fixture
async def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> AsyncIterator[Service]:
    """A service in a hurry, with many rows."""
    service = Service(tmp_path, rsa_key, stall_seconds=STALL_SECONDS)
    service.add_key("alice")
    with service:
        await feed(service, *(fill(f"t{number}", "alice", f"M{number:04}") for number in range(MARKETS)))
        yield service


def is_open(service: Service, link: socket.socket) -> bool:
    """Whether the service holds the other end of a connection."""
    port = link.getsockname()[1]
    return any(one.raddr and one.raddr.port == port for one in Process(service.process.pid).net_connections("tcp"))


async def ask_for_much(service: Service) -> socket.socket:
    """A connection on which large pages were asked for, one after the other, and none was read."""
    link = socket.socket()
    link.setblocking(False)  # noqa: FBT003 - as the library has it
    loop = asyncio.get_running_loop()
    await loop.sock_connect(link, (service.host, service.port))
    signed = service.callers["alice"].headers("GET", POSITIONS)
    head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
    request = f"GET {POSITIONS}?limit={MARKETS} HTTP/1.1\r\nHost: x\r\n{head}"
    requests = f"{request}\r\n" * (REQUESTS - 1) + f"{request}Connection: close\r\n\r\n"
    await loop.sock_sendall(link, requests.encode())
    return link


async def test_who_takes_nothing_is_cut(service: Service) -> None:
    """When its time is over: what it asked for is not held for ever."""
    with await ask_for_much(service) as link:
        async with asyncio.timeout(30):
            while not is_open(service, link):  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.01)
            while is_open(service, link):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)


async def test_who_takes_it_slowly_gets_all(service: Service) -> None:
    """Over more time than a connection may take nothing."""
    loop = asyncio.get_running_loop()
    taken_bytes, answers = 0, 0
    with await ask_for_much(service) as link:
        began = loop.time()
        async with asyncio.timeout(60):
            while piece := await loop.sock_recv(link, PIECE_BYTES):
                taken_bytes += len(piece)
                answers += piece.count(b"HTTP/1.1 200 OK")
                if loop.time() - began < 2 * STALL_SECONDS:
                    await asyncio.sleep(PAUSE_SECONDS)  # what makes it slow
    assert taken_bytes > REQUESTS * 300_000
    assert answers >= REQUESTS - 1  # a piece may end within the text that is counted
