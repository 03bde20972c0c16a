"""What a reader is owed that takes its data late, or never (protocol, 5.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.certificate import self_signed
from tests.acceptance.http import connections, feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import connect

STALL_SECONDS = 2.0
MARKETS = 100
SMALL_BUFFER_BYTES = 4096
OVERFLOW = {"type": "error", "sid": 2, "msg": {"code": 25, "msg": "Subscription buffer overflow"}}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service with its default settings."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    for user_id in ("alice", "bob"):
        service.add_key(user_id)
    with service:
        yield service


async def test_a_reader_that_pauses_gets_the_final_rows(service: Service) -> None:
    """Of the changes it was too slow for it is told the last of each market, in the order of their sequences."""
    rounds = 300
    async with await connect(service, service.callers["alice"], receive_buffer_bytes=SMALL_BUFFER_BYTES) as socket:
        await socket.subscribe("market_positions", extended=True)
        last_sequence = await trade(service, "alice", rounds)
        sequences, rows, merged = [0], {}, 0
        while sequences[-1] < last_sequence:
            frame = await socket.message()
            assert frame["seq"] == len(sequences)
            sequences.append(frame["msg"]["sequence"])
            rows[frame["msg"]["market_ticker"]] = frame["msg"]["position"]
            merged += frame.get("conflated", 0)
        assert merged
        assert len(sequences) - 1 + merged == rounds * MARKETS
        assert sequences == sorted(set(sequences))
        assert rows == {f"M{number}": rounds for number in range(MARKETS)}


async def test_a_reader_that_pauses_ends_its_fills(service: Service) -> None:
    """Fills cannot be merged: when too many wait, error 25 ends that subscription, and the rows go on."""
    rounds = 300
    async with await connect(service, service.callers["bob"], receive_buffer_bytes=SMALL_BUFFER_BYTES) as socket:
        await socket.subscribe("market_positions", "fill")
        await trade(service, "bob", rounds)
        frames = [await socket.message()]
        while frames[-1]["type"] != "error":
            frames.append(await socket.message())
        assert frames[-1] == OVERFLOW
        rows: dict[str, int] = {}
        while rows != {f"M{number}": rounds for number in range(MARKETS)}:
            frame = await socket.message()
            assert frame["type"] == "market_position"
            rows[frame["msg"]["market_ticker"]] = frame["msg"]["position"]
        listed = await socket.command("list_subscriptions")
        assert listed["msg"] == [{"channel": "market_positions", "sid": 1}]


# About 100 rounds fill what the system buffers for the socket, so that little waits in the service, or much.
@pytest.mark.parametrize("rounds", [100, 300])
@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_reader_that_takes_nothing_is_cut(
    tmp_path: Path, rsa_key: RSAPrivateKey, rounds: int, *, encrypted: bool
) -> None:
    """When its time is over; and until then it costs the service no work, whatever waits, with TLS and without."""
    certificate = self_signed(tmp_path, rsa_key)
    settings: dict[str, Any] = {"stall_seconds": STALL_SECONDS}
    if encrypted:
        settings |= {"tls_cert": certificate.certificate_file, "tls_key": certificate.key_file}
    service = Service(tmp_path, rsa_key, **settings)
    alice = service.add_key("alice")
    trust = certificate.trust if encrypted else None
    with service:
        async with await connect(service, alice, tls=trust, receive_buffer_bytes=SMALL_BUFFER_BYTES) as socket:
            await socket.subscribe("market_positions")
            await trade(service, "alice", rounds)
            computed_seconds = service.cpu_seconds()
            async with asyncio.timeout(10 * STALL_SECONDS):
                while await connections(service):  # noqa: ASYNC110 - what is waited for happens in another process
                    await asyncio.sleep(0.1)
            assert service.cpu_seconds() - computed_seconds < STALL_SECONDS / 4


async def trade(service: Service, user_id: str, rounds: int) -> int:
    """Buys one contract in each of many markets, again and again; the sequence after the last."""
    sequence = 0
    async with ClientSession() as session:
        for start in range(0, rounds, 10):
            fills = [
                fill(f"{user_id}-{turn}-{market}", user_id, f"M{market}", count="1.00")
                for turn in range(start, start + 10)
                for market in range(MARKETS)
            ]
            sequence = await feed(service, *fills, session=session)
    return sequence
