"""What happens when the disk is full, and once it no longer is (house, "Errors")."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import Answer, ask, fill, ndjson
from tests.acceptance.service import Service

DISK_BYTES = 2 << 20
CALLERS = 8
FILLS = 200


class Disk(NamedTuple):
    """A service whose disk has little room, and a way to make more."""

    service: Service
    make_room: Callable[[], None]


@pytest.fixture
def limited_files(tmp_path: Path, rsa_key: RSAPrivateKey) -> Disk:
    """No file may become longer than a few megabytes."""
    service = Service(tmp_path, rsa_key)
    service.file_bytes = DISK_BYTES

    def make_room() -> None:
        service.file_bytes = resource.RLIM_INFINITY

    return Disk(service, make_room)


@pytest.fixture
def small_disk(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Disk]:
    """A file system of a few megabytes, on a machine where one can be made."""
    if os.geteuid():
        pytest.skip("only root can mount a file system")
    data = tmp_path / "data"
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", data],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts nothing: {mounted.stderr.decode().strip()}")

    def make_room() -> None:
        subprocess.run(["mount", "-o", "remount,size=64m", data], check=True)  # noqa: S607

    yield Disk(Service(tmp_path, rsa_key), make_room)
    subprocess.run(["umount", data], check=True)  # noqa: S607


@pytest.fixture(params=["limited_files", "small_disk"])
def disk(request: pytest.FixtureRequest) -> Disk:
    """A disk that fills up soon, one way or another."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Disk)
    return found


async def test_a_full_disk_loses_nothing_that_was_acknowledged(disk: Disk) -> None:
    """Whoever waits is told 503, so is /readyz, and why; the reads go on; a restart with room has all, once."""
    service = disk.service
    service.add_key("alice")
    with service:
        answers = await fill_the_disk(service)
        assert {answer.status for answer in answers.values()} == {200, 503}
        refusals = [answer.content["error"] for answer in answers.values() if answer.status == 503]
        ready = await ask(service, None, "GET", "/readyz")
        for refusal in [*refusals, ready.content["error"]]:
            assert refusal["code"] == "service_stopped"
            assert "journal.db cannot be read or written" in refusal["message"]
        assert ready.status == 503
        assert await bought(service) == acknowledged(answers)

    disk.make_room()
    with service:
        assert await bought(service) >= acknowledged(answers)
        for batch in answers:
            again = await post(service, batch)
            assert again.content["accepted"] + again.content["duplicates"] == FILLS
        assert await bought(service) == FILLS * len(answers)
        assert (await ask(service, None, "GET", "/readyz")).status == 200


async def fill_the_disk(service: Service) -> dict[int, Answer]:
    """Several callers post batch after batch until each is refused; the answer to every batch."""
    answers: dict[int, Answer] = {}
    batches = count()

    async def post_until_refused(session: ClientSession) -> None:
        for batch in batches:
            answers[batch] = await post(service, batch, session)
            if answers[batch].status != 200:
                return

    async with ClientSession() as session:
        await asyncio.gather(*(post_until_refused(session) for _ in range(CALLERS)))
    return answers


async def post(service: Service, batch: int, session: ClientSession | None = None) -> Answer:
    """Posts the fills of a batch, of one contract each."""
    fills = ndjson(fill(f"{batch}-{number}", "alice", "FULL", count="1.00") for number in range(FILLS))
    return await ask(service, service.callers["feeder"], "POST", "/v1/events", fills, session=session)


async def bought(service: Service) -> int:
    """The contracts that the service knows of."""
    answer = await ask(service, service.callers["alice"], "GET", "/trade-api/v2/portfolio/positions")
    (row,) = answer.content["market_positions"]
    return int(row["position"])


def acknowledged(answers: dict[int, Answer]) -> int:
    """The contracts that callers were told are safe."""
    return sum(answer.content["accepted"] for answer in answers.values() if answer.status == 200)
