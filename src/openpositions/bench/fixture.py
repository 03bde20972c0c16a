"""`bench fixture`: how long a test waits for its server, and a suite for a hundred of them."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from openpositions.bench.machine import this_machine
from openpositions.bench.report import Floor, Report, figure
from openpositions.errors import Misconfigured, ServiceStopped
from openpositions.testing.sandbox_server import SandboxServer
from openpositions.testing.scratch import quickest_place

_SUITE = """\
import asyncio

import aiohttp
import pytest


async def frame_of_a_fill(server):
    headers = server.key("alice").headers()
    async with aiohttp.ClientSession() as session, session.ws_connect(server.ws_url, headers=headers) as socket:
        await socket.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
        await socket.receive_json()
        server.fill("alice", "RAIN", count=3)
        return await socket.receive_json()


@pytest.mark.parametrize("number", range(TESTS))
def test_fill(openpositions_server, number):
    frame = asyncio.run(frame_of_a_fill(openpositions_server))
    assert frame["msg"]["position_fp"] == "3.00"
"""

_EMPTY_SUITE = """\
import pytest


@pytest.mark.parametrize("number", range(TESTS))
def test_nothing(number):
    assert number >= 0
"""

_SUITE_SECONDS = 600


def fixture(directory: Path, *, tests: int = 100, runs: int = 3) -> Report:
    """Starts and stops servers in this process, as the fixture does and on a disk; then runs the suite with pytest.

    Raises Misconfigured where there is no pytest, and ServiceStopped when a test of the suite fails.
    """
    if find_spec("pytest") is None:
        raise Misconfigured("bench fixture needs pytest: install it in this environment")
    SandboxServer().stop()  # the first one imports what all of them need
    starts, stops = zip(*(_start_and_stop(None) for _ in range(tests)), strict=True)
    on_disk, _ = zip(*(_start_and_stop(directory) for _ in range(tests)), strict=True)
    suites = [_seconds_of(_SUITE, tests) for _ in range(runs)]
    floor = Floor(min(_seconds_of(_EMPTY_SUITE, tests) for _ in range(runs)), "runs as many tests that do nothing")
    figures = [
        figure("start of a server", "ms", starts),
        figure("end of a server", "ms", stops),
        figure("start on the disk", "ms", on_disk),
        figure(f"suite of {tests} tests, a server and a client each", "s", suites, floor),
    ]
    return Report("fixture", this_machine(quickest_place()), {"tests": tests, "runs": runs}, figures)


def _start_and_stop(directory: Path | None) -> tuple[float, float]:
    begun = time.perf_counter()
    server = SandboxServer(directory=directory)
    started = time.perf_counter()
    server.stop()
    return (started - begun) * 1000, (time.perf_counter() - started) * 1000


def _seconds_of(suite: str, tests: int) -> float:
    """How long pytest takes for a suite, from its start to its end."""
    with TemporaryDirectory(prefix="openpositions-bench-") as folder:
        Path(folder, "test_suite.py").write_text(suite.replace("TESTS", str(tests)), encoding="utf-8")
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SUITE_SECONDS,
        )
        seconds = time.perf_counter() - begun
    if f"{tests} passed" not in done.stdout:
        raise ServiceStopped(f"the suite of the benchmark failed: {(done.stdout + done.stderr).strip()[-2000:]}")
    return seconds
