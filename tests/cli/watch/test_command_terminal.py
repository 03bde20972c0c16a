"""`openpositions watch` as somebody sees it who sits before a terminal."""

from __future__ import annotations

import re
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service
from tests.cli.commands import openpositions
from tests.cli.watch.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

pytestmark = pytest.mark.skipif(which("tmux") is None, reason="tmux, which drives the terminal, is not installed")

HEADER = ["market", "position", "exposure", "mark", "unrealized", "realized", "fees", "age"]


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A running service."""
    service = Service(tmp_path, rsa_key)
    service.add_key("alice")
    with service:
        yield service


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal."""
    with Terminal(tmp_path) as terminal:
        yield terminal


def mark(ticker: str, price: str) -> dict[str, Any]:
    """A price of a market."""
    return {"type": "ticker", "msg": {"market_ticker": ticker, "price_dollars": price}}


def cells(lines: list[str], begin: str) -> list[str]:
    """The cells of the line that begins with a text, but for the age; none if there is no such line."""
    return next((line.split()[:7] for line in lines if line.startswith(begin)), [])


async def test_what_happens_is_seen(service: Service, terminal: Terminal) -> None:
    """A fill, a mark and a settlement, each in its row and in the totals; Control-C leaves no trace."""
    terminal.type("echo before")
    terminal.type(f"openpositions watch --data {service.data} --user alice")
    lines = await terminal.until_shown("no positions")
    assert lines[0] == f"connected to {service.data} as alice"
    assert lines[1].startswith("as of sequence 0 · last change unknown · continuity exact")
    assert lines[3].split() == HEADER

    await feed(service, fill("t1", "alice", "RAIN", price="0.4000", fee="0.1700"))
    await terminal.until(lambda lines: cells(lines, "RAIN") == "RAIN 10.00 4.0000 – – 0.0000 0.1700".split())  # noqa: RUF001, SIM905
    await feed(service, mark("RAIN", "0.6000"))
    lines = await terminal.until(
        lambda lines: cells(lines, "RAIN") == ["RAIN", "10.00", "4.0000", "0.6000", "2.0000", "0.0000", "0.1700"]
    )
    assert cells(lines, "total") == ["total,", "1", "open", "4.0000", "2.0000", "0.0000", "0.1700"]
    await feed(service, settlement("RAIN", "yes"))
    lines = await terminal.until_shown("no positions")
    assert cells(lines, "total") == ["total,", "0", "open", "0.0000", "0.0000", "6.0000", "0.1700"]

    terminal.press("C-c")
    lines = await terminal.until(lambda lines: lines[-1] == "$")
    assert lines[-3:] == ["before", f"$ openpositions watch --data {service.data} --user alice", "$"]
    assert terminal.is_as_it_was


async def test_restart_of_the_service_is_seen(service: Service, terminal: Terminal, tmp_path: Path) -> None:
    """All is dim and called stale while the service is gone, and current again after that."""
    await feed(service, fill("t1", "alice", "RAIN"))
    terminal.type(f"openpositions watch --data {service.data} --user alice")
    await terminal.until_shown("RAIN ")
    assert "\x1b[2mRAIN" not in terminal.styled

    service.kill()
    lines = await terminal.until_shown("STALE since ")
    assert re.match(rf"STALE since \d\d:\d\d:\d\d, \d s ago: reconnecting to {tmp_path.parents[1]}", lines[0])
    assert cells(lines, "RAIN")[:2] == ["RAIN", "10.00"]
    assert "\x1b[2mRAIN" in terminal.styled
    await terminal.until_shown(", 1 s ago")

    service.start()
    await feed(service, fill("t2", "alice", "RAIN"))
    lines = await terminal.until(lambda lines: cells(lines, "RAIN")[:2] == ["RAIN", "20.00"])
    assert lines[0] == f"connected to {service.data} as alice"


async def test_small_terminals(service: Service, terminal: Terminal) -> None:
    """Over the network: as many rows as there is room for, whole numbers, and the screen changes with its size."""
    await feed(service, *(fill(f"t{n}", "alice", f"KXHIGHNY-26JUL24-B{n}") for n in range(100, 200)))
    key_id = service.callers["alice"].key_id
    terminal.type(f"openpositions watch --url {service.url} --key-id {key_id} --key-file {service.key_file}")
    lines = await terminal.until_shown("… 67 more")
    assert (len(lines), lines[4].split()[:2]) == (40, ["KXHIGHNY-26JUL24-B100", "10.00"])

    terminal.resize(50, 12)
    lines = await terminal.until_shown("… 95 more")
    assert lines[3:6] == [
        "market              position  exposure  unrealized",
        "KXHIGHNY…UL24-B100     10.00    5.0000           –",  # noqa: RUF001 - a dash
        "KXHIGHNY…UL24-B101     10.00    5.0000           –",  # noqa: RUF001 - a dash
    ]
    terminal.resize(140, 50)
    await terminal.until(lambda lines: len(lines) == 50 and lines[3].split() == HEADER)


async def test_end_for_good(service: Service, terminal: Terminal) -> None:
    """A revoked key gives the terminal back, with the reason in it."""
    key_id = service.callers["alice"].key_id
    terminal.type(
        f"openpositions watch --url {service.url} --key-id {key_id} --key-file {service.key_file}; echo code $?"
    )
    await terminal.until_shown("connected to ")
    openpositions("keys", "revoke", key_id, "--data", service.data)
    lines = await terminal.until_shown("code 1")

    assert "openpositions: the service closed the connection for good: the key was revoked" in lines
    assert terminal.is_as_it_was


async def test_end_by_a_signal(service: Service, terminal: Terminal) -> None:
    """The terminal is given back too when the command is told to end by another program."""
    terminal.type(f"openpositions watch --data {service.data} --user alice; echo code $?")
    await terminal.until_shown("connected to ")
    terminal.terminate()
    await terminal.until_shown("code 0")

    assert terminal.is_as_it_was
