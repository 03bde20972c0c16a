"""`openpositions bench`: the benchmarks, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from openpositions.bench.fixture import fixture
from openpositions.bench.identities import identities
from openpositions.bench.idle import idle
from openpositions.bench.ingest import ingest
from openpositions.bench.push import push
from openpositions.bench.recovery import recovery
from openpositions.bench.report import Report, print_report
from openpositions.bench.resume import resume
from openpositions.bench.settle import settle
from openpositions.bench.slow import slow
from openpositions.cli.options import AsJson
from openpositions.errors import InvalidInput

_PUSH_EXAMPLE = "Example: openpositions bench push --sockets 1000"

commands = typer.Typer(
    help="Measure this machine: each figure beside the floor that a bare program sets.", epilog=_PUSH_EXAMPLE
)

_Directory = Annotated[
    Path, typer.Option(help="Where to write: the disk that is measured.", metavar="DIR", exists=True, file_okay=False)
]
_Count = Annotated[int, typer.Option(min=1)]
# One user makes so many requests a second before the service says no.
_Resumes = Annotated[int, typer.Option(min=1, max=150)]

_HERE = Path()


@commands.command("push", epilog=_PUSH_EXAMPLE)
def push_command(
    directory: _Directory = _HERE,
    sockets: _Count = 200,
    fills: _Count = 100_000,
    runs: _Count = 3,
    as_json: AsJson = False,
) -> None:
    """Fills a second, durable and delivered to every socket, and how long after its post a fill is delivered."""
    _show(push(directory, sockets=sockets, fills=fills, runs=runs), as_json=as_json)


@commands.command("ingest", epilog="Example: openpositions bench ingest")
def ingest_command(
    directory: _Directory = _HERE, fills: _Count = 100_000, runs: _Count = 3, as_json: AsJson = False
) -> None:
    """Fills a second that are durable, in batches and one by one, with nobody listening."""
    _show(ingest(directory, fills=fills, runs=runs), as_json=as_json)


@commands.command("settle", epilog="Example: openpositions bench settle --holders 100000")
def settle_command(
    directory: _Directory = _HERE, holders: _Count = 100_000, sockets: _Count = 200, as_json: AsJson = False
) -> None:
    """How long a market with many holders takes to settle, while fills for other markets keep flowing."""
    _show(settle(directory, holders=holders, sockets=sockets), as_json=as_json)


@commands.command("recovery", epilog="Example: openpositions bench recovery --events 1000000")
def recovery_command(
    directory: _Directory = _HERE, events: _Count = 300_000, runs: _Count = 3, as_json: AsJson = False
) -> None:
    """How long a start takes, from the journal alone and from a checkpoint."""
    _show(recovery(directory, events=events, runs=runs), as_json=as_json)


@commands.command("identities", epilog="Example: openpositions bench identities --held 10000000")
def identities_command(
    directory: _Directory = _HERE, held: _Count = 10_000_000, fills: _Count = 350_000, as_json: AsJson = False
) -> None:
    """Fills a second when none, and when many identities are held already."""
    _show(identities(directory, held=held, fills=fills), as_json=as_json)


@commands.command("idle", epilog="Example: openpositions bench idle --sockets 2000")
def idle_command(directory: _Directory = _HERE, sockets: _Count = 2_000, as_json: AsJson = False) -> None:
    """Memory of a connection that is subscribed and hears nothing."""
    _show(idle(directory, sockets=sockets), as_json=as_json)


@commands.command("fixture", epilog="Example: openpositions bench fixture")
def fixture_command(
    directory: _Directory = _HERE, tests: _Count = 100, runs: _Count = 3, as_json: AsJson = False
) -> None:
    """How long the fixture of the pytest plugin takes to start, and a suite of tests with a server each."""
    _show(fixture(directory, tests=tests, runs=runs), as_json=as_json)


@commands.command("slow", epilog="Example: openpositions bench slow --runs 30")
def slow_command(
    directory: _Directory = _HERE,
    quick: _Count = 48,
    fills: _Count = 4_000,
    runs: _Count = 12,
    as_json: AsJson = False,
) -> None:
    """How long quick readers wait for their frames, without and with slow readers beside them."""
    _show(slow(directory, quick=quick, fills=fills, runs=runs), as_json=as_json)


@commands.command("resume", epilog="Example: openpositions bench resume --changed 1000")
def resume_command(
    directory: _Directory = _HERE,
    rows: _Count = 1_000,
    changed: _Count = 100,
    elsewhere: _Count = 1_000_000,
    runs: _Resumes = 100,
    as_json: AsJson = False,
) -> None:
    """What it costs to come back after few changes of one's own, without and with many of other users."""
    if changed > rows:
        raise InvalidInput("changed", f"--changed must be at most --rows {rows}, not {changed}")
    _show(resume(directory, rows=rows, changed=changed, elsewhere=elsewhere, runs=runs), as_json=as_json)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        print_report(report, Console(highlight=False))
