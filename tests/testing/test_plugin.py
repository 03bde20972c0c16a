"""The plugin in the pytest of somebody else, with every warning an error."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
import asyncio, json, aiohttp, pytest
from openpositions.testing.sandbox_server import SandboxServer

async def subscribed(server, session):
    ws = await session.ws_connect(server.ws_url, headers=server.key("alice").headers())
    await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"]}})
    await ws.receive_json()
    server.fill("alice", "RAIN")
    return (await ws.receive_json())["msg"]["position"]

async def test_on_a_loop(openpositions_server):
    async with aiohttp.ClientSession() as session:
        assert await subscribed(openpositions_server, session) == 10

def test_without_one(openpositions_server):
    async def main():
        async with aiohttp.ClientSession() as session:
            return await subscribed(openpositions_server, session)
    assert asyncio.run(main()) == 10

def test_finds_nothing_of_another_test(openpositions_server):
    assert openpositions_server.positions("alice") == []

async def test_fails(openpositions_server):
    async with aiohttp.ClientSession() as session:
        assert await subscribed(openpositions_server, session) == 11

@pytest.fixture(scope="module")
def shared():
    with SandboxServer() as server:
        yield server

def test_fails_with_a_server_of_its_own(shared):
    assert shared.connections == 1

@pytest.mark.openpositions("2025")
def test_marked_by_position(openpositions_server):
    pass

async def test_fails_within_a_second_server(openpositions_server):
    async with aiohttp.ClientSession() as session:
        with SandboxServer() as second:
            print("second is", second.url)
            assert await subscribed(second, session) == 12
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints of that suite."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    options = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "-vv")
    scope = ("-o", "asyncio_default_fixture_loop_scope=function")
    return run(folder, "-m", "pytest", *options, *scope)


def run(folder: Path, *arguments: str) -> str:
    """What Python prints in a folder of its own."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["test_on_a_loop", "test_without_one", "test_finds_nothing_of_another_test"])
def test_fixture_serves_tests_of_every_kind(report: str, name: str) -> None:
    """Coroutines and functions; each test gets a service that nobody used before, and no warning comes of it."""
    assert f"test_suite.py::{name} PASSED" in report


def test_failing_test_shows_its_frames_once(report: str) -> None:
    """In a section of its own: what the client sent, and what it was sent."""
    first, _ = report.split("Captured openpositions frames call ")[1:]

    assert '#1 alice  received  {"id": 1, "cmd": "subscribe"' in first
    assert '#1 alice  sent      {"type":"market_position","sid":1' in first


def test_frames_of_any_server_are_shown(report: str) -> None:
    """One that serves several tests, and that no fixture of the plugin made."""
    *_, last = report.split("Captured openpositions frames call ")

    assert last.splitlines()[1] == "(no frame was sent or received)"


def test_frames_of_a_second_server_are_shown_by_its_url(report: str) -> None:
    """Although the `with` statement of the failed test has ended it; apart from those of the other two that run."""
    (url,) = re.findall(r"^second is (http://\S+)$", report, re.MULTILINE)
    _, of_second = report.split(f"Captured openpositions frames of {url} call")

    assert '#1 alice  received  {"id": 1, "cmd": "subscribe"' in of_second.partition("\n---")[0]
    assert report.count("Captured openpositions frames of http://") == 3


def test_setting_without_its_name_is_refused(report: str) -> None:
    """It would be passed over otherwise."""
    assert "the marker openpositions takes settings by name, as in wire='2025', not ('2025',)" in report


def test_report_holds_no_key_and_no_signature(report: str) -> None:
    """Handshakes are not among the frames."""
    assert "KALSHI-ACCESS" not in report
    assert "PRIVATE KEY" not in report


def test_start_of_pytest_imports_nothing_of_the_service(tmp_path: Path) -> None:
    """Who has the package installed and does not use the fixture waits for nothing."""
    heavy = [
        "aiohttp",
        "cryptography",
        "msgspec",
        "uvloop",
        "rich",
        "openpositions.server",
        "openpositions.core",
    ]
    program = f"import sys, openpositions.testing.plugin; print([name for name in {heavy} if name in sys.modules])"

    assert run(tmp_path, "-c", program) == "[]\n"


def test_marker_and_fixture_are_listed(tmp_path: Path) -> None:
    """By `pytest --markers` and `pytest --fixtures`."""
    quiet = ("-m", "pytest", "-p", "no:cacheprovider", "-q")

    assert "@pytest.mark.openpositions(**settings): settings of the service" in run(tmp_path, *quiet, "--markers")
    assert "openpositions_server" in run(tmp_path, *quiet, "--fixtures")
