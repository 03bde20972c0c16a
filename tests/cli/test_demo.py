"""`openpositions demo`: somebody follows what it prints."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.commands import openpositions


class Demo:
    """A demo that runs, and its guide."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.ready = process.stdout.readline()
        self.guide: list[str] = []
        for line in process.stdout:
            self.guide.append(line.rstrip("\n"))
            if line == "Control-C ends the demo.\n":
                break

    def command(self, verb: str) -> list[str]:
        """The arguments of the first line that calls this verb."""
        line = next(line for line in self.guide if f" {verb} " in line)
        words = line.split()
        return words[words.index(verb) :]


@contextmanager
def demo(*arguments: str) -> Iterator[Demo]:
    """Runs one on a free port, and expects it to end well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openpositions", "demo", "--port", "0", "--rate", "200", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Demo(process)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def client(program: Path) -> Iterator[Iterator[str]]:
    """The lines that a program prints until it is stopped."""
    process = subprocess.Popen([sys.executable, "-u", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Demo]:
    """A demo in a temporary directory."""
    with demo() as started:
        yield started


def test_first_line_says_ready(running: Demo) -> None:
    """Like that of the service."""
    assert running.ready.startswith("ready http://127.0.0.1:")


def test_client_of_the_guide_hears_of_trades(running: Demo, tmp_path: Path) -> None:
    """Pasted into a file, it prints the positions of alice's and what becomes of them."""
    start = running.guide.index("from openpositions.sync import Client")
    end = next(number for number, line in enumerate(running.guide) if line.startswith("        print("))
    (tmp_path / "client.py").write_text("\n".join(running.guide[start : end + 1]), encoding="utf-8")

    with client(tmp_path / "client.py") as rows:
        for _ in range(2):
            date, _time, ticker, position, realized_pnl = next(rows).split()
            assert date.startswith("20")
            assert ticker.startswith("SIM")
            assert (Decimal(position).as_tuple().exponent, Decimal(realized_pnl).is_finite()) == (-2, True)


def test_commands_of_the_guide_work(running: Demo) -> None:
    """Positions through the control socket, and a verification in the middle of the trading."""
    assert openpositions(*running.command("positions")).code == 0
    assert openpositions(*running.command("watch"), "--once").code == 0
    assert openpositions(*running.command("verify")).out.splitlines()[-1] == "no differences"


def test_crowd_trades(tmp_path: Path) -> None:
    """Users without a key do too, down to the last, who trades the least."""
    with demo("--data", str(tmp_path / "data"), "--users", "30", "--markets", "20", "--rate", "2000"):
        give_up_at = time.monotonic() + 60
        rows: list[object] = []
        while not rows and time.monotonic() < give_up_at:
            rows = openpositions("positions", "--data", tmp_path / "data", "--user", "user-30", "--json").answer
    assert rows


def test_directory_that_is_named_is_kept(tmp_path: Path) -> None:
    """A second demo goes on in it, with deposits, contracts and trades of its own."""
    for _ in range(2):
        with demo("--data", str(tmp_path / "data")) as started:
            assert started.ready

    verification = openpositions("verify", "--data", tmp_path / "data", "--json").answer
    assert verification["difference_count"] == 0
    assert verification["entries"] >= 2 * (3 + 8 + 8)
