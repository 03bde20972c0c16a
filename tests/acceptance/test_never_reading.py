"""What the service keeps for a reader that takes little, or nothing: at most the rows it watches (protocol, 5.5).

`SLOW_CHANGES` sets how many changes a reader sleeps through; `make chaos` makes it a million.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.engine.checkpointing import ENTRIES_A_CHECKPOINT
from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import WebSocket, connect_narrow

ROWS = 10_000
CHANGES = int(os.environ.get("SLOW_CHANGES", "40000"))
FILLS_A_POST = 2_000

# Whoever listens, every entry is indexed in memory until a checkpoint takes it over: 550 bytes each were measured, and
# as many again while the checkpoint is made.
INDEX_BYTES_AN_ENTRY = 600 if CHANGES < ENTRIES_A_CHECKPOINT else 1_200
# A change that waits takes 600 bytes as well, so this is what a third of the changes would, or less.
LEEWAY_BYTES = 8 << 20


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service that is patient with slow readers."""
    service = Service(tmp_path, rsa_key, stall_seconds=3600)
    service.add_key("alice")
    with service:
        yield service


@pytest.mark.timeout(900)
async def test_memory_is_bounded_by_the_rows_that_are_watched(service: Service) -> None:
    """However much changes meanwhile; and in the end the reader is told the last of each row, once."""
    async with ClientSession() as session, await connect_narrow(service, service.callers["alice"]) as socket:
        await socket.subscribe("market_positions", extended=True)
        for turn in range(2):  # from then on every row has a change that waits
            await change_every_row(service, session, turn)
        before_bytes = service.memory_bytes()
        for turn in range(2, 2 + CHANGES // ROWS):
            last_sequence = await change_every_row(service, session, turn)
        grown_bytes = service.memory_bytes() - before_bytes
        print(f"\n{CHANGES:,} changes: {grown_bytes / 1e6:.0f} MB more")  # noqa: T201 - for who plays a million
        assert grown_bytes < min(CHANGES, ENTRIES_A_CHECKPOINT) * INDEX_BYTES_AN_ENTRY + LEEWAY_BYTES
        frames = await read_to(socket, last_sequence)
    last = frames[-ROWS:]
    assert {frame["msg"]["position"] for frame in last} == {2 + CHANGES // ROWS}
    assert len({frame["msg"]["market_ticker"] for frame in last}) == ROWS
    assert len(frames) + sum(frame.get("conflated", 0) for frame in frames) == 2 * ROWS + CHANGES


async def test_commands_wait_for_a_reader_that_is_behind(service: Service) -> None:
    """Also when it takes something: else each command could add a snapshot to what waits. So news overtake it."""
    async with ClientSession() as session, await connect_narrow(service, service.callers["alice"]) as socket:
        await change_every_row(service, session, 0)
        await socket.subscribe("market_positions", send_initial_snapshot=True)
        await socket.send(b'{"id":2,"cmd":"list_subscriptions"}')
        for _ in range(ROWS // 2):
            await socket.message()
        await feed(service, fill("news", "alice", "NEWS"), session=session)
        frames = [await socket.message()]
        while "id" not in frames[-1]:
            frames.append(await socket.message())
    assert [frame["type"] for frame in frames[ROWS // 2 :]] == ["market_positions_snapshot", "market_position", "ok"]


async def change_every_row(service: Service, session: ClientSession, turn: int) -> int:
    """Buys one contract in each of the watched markets; the sequence then."""
    sequence = 0
    for start in range(0, ROWS, FILLS_A_POST):
        fills = [
            fill(f"{turn}-{number}", "alice", f"WATCHED-{number}", count="1.00")
            for number in range(start, start + FILLS_A_POST)
        ]
        sequence = await feed(service, *fills, session=session)
    return sequence


async def read_to(socket: WebSocket, sequence: int) -> list[dict[str, Any]]:
    """The frames up to one of this sequence."""
    frames = [await socket.message()]
    while frames[-1]["msg"]["sequence"] < sequence:
        frames.append(await socket.message())
    return frames
