"""Every program of the page about Python runs as it stands there, and its reference names what there is."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

import openpositions
import openpositions.sync
from openpositions import errors
from openpositions.client.client import ClientOptions
from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service
from tests.docs.signatures import of_code, stated

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

SHOWN = {
    "Follow positions": "FED-A 10.00 4.0000 0.0000 None",
    "Keep a portfolio": "FED-A 10.00 None",
    "Without asyncio": "4.0000 1.0000",
    "Look up fills, settlements and the balance": "1.0000",
}
"""The first line of a program that goes on, or the last of one that ends, by the heading over it."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service on which alice holds something and had something else."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    service.add_key("alice")
    with service:
        held, had = fill("t1", "alice", "FED-A", price="0.4000"), fill("t2", "alice", "FED-B", "no")
        asyncio.run(feed(service, held, had, settlement("FED-B", "no")))
        yield service


@pytest.mark.parametrize(("heading", "shown"), SHOWN.items())
def test_a_program_of_the_page_runs(heading: str, shown: str, service: Service, tmp_path: Path) -> None:
    """In a folder with the key of the tutorial."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    (program,) = re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    alice = service.callers["alice"]
    (tmp_path / "alice.json").write_bytes(msgspec.json.encode({"key_id": alice.key_id}))
    (tmp_path / "alice.pem").write_bytes(service.key_file.read_bytes())
    (tmp_path / "program.py").write_text(program.replace("http://127.0.0.1:8080", service.url), encoding="utf-8")
    command = [sys.executable, "-u", "program.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        if heading.startswith("Look up"):
            assert running.stdout.read().splitlines()[-1] == shown
            assert running.wait(30) == 0
        else:
            assert running.stdout.readline().strip() == shown
            running.kill()


def test_every_program_is_run() -> None:
    """None was added without its output."""
    assert len(PROGRAMS) == len(SHOWN)


def test_the_reference_names_every_field() -> None:
    """Of each type, and nothing else."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*`.*) \|$", PAGE, re.MULTILINE))
    for name in ("PositionRow", "Cause", "Bookmark", "Holding", "Totals", "Snapshot", "Fill", "Settlement", "Balance"):
        kind = getattr(openpositions, name)
        fields = set(kind.__struct_fields__ if issubclass(kind, msgspec.Struct) else kind._fields)
        fields |= {name for name, member in vars(kind).items() if isinstance(member, property)}
        named = set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", rows[name])))
        assert fields <= named, name
        assert named <= set(dir(kind)), name


def test_every_method_is_called_as_the_reference_shows_it() -> None:
    """The same arguments in the same order, and by name where that is needed; in both libraries."""
    shown = dict(stated(PAGE))
    (client,) = re.findall(r"`Client\((.*?)\)`", PAGE)
    assert set(shown) == {"positions", "portfolio", "fills", "settlements", "balance", "close"}
    for name, parameters in shown.items():
        for kind in (openpositions.Client, openpositions.sync.Client):
            assert parameters == of_code(getattr(kind, name)), name
    assert dict(stated(f"| `Client({client})` | |"))["Client"] == of_code(openpositions.Client)


def test_the_reference_names_every_error_of_the_library() -> None:
    """They are there, and can be caught."""
    table = PAGE.split("| error, of `openpositions.errors` | means |")[1].split("\n\n")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert len(named) == 10
    for name in named:
        assert issubclass(getattr(errors, name), errors.OpenPositionsError)


def test_the_reference_names_every_public_name_and_option() -> None:
    """What is offered is explained."""
    for name in [*openpositions.__all__, *ClientOptions.__annotations__]:
        assert name == "__version__" or f"`{name}" in PAGE or f"{name}=" in PAGE, name
