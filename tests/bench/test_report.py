"""What a benchmark prints."""

import io
from pathlib import Path

import msgspec
from rich.console import Console

from openpositions.bench.machine import Machine, this_machine
from openpositions.bench.report import Floor, Report, figure, print_report

_MACHINE = Machine("Abacus 3000", 2, "CPython 3.11.7", "3.40.1", "Linux 6.18", "ext4")
_REPORT = Report(
    "push",
    _MACHINE,
    {"fills": 3000},
    [figure("durable", "fills/s", [30_000, 50_000, 41_300], Floor(80_000, "fdatasync"))],
)


def _printed(report: Report) -> str:
    console = Console(file=io.StringIO(), width=200)
    print_report(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_figure_stands_beside_its_floor() -> None:
    """One line has the median, the lowest, the highest and the floor."""
    (line,) = [line for line in _printed(_REPORT).splitlines() if "durable" in line]

    assert [cell.strip() for cell in line.strip("│").split("│")] == [
        "durable", "41,300", "30,000", "50,000", "fills/s", "80,000", "fdatasync",
    ]  # fmt: skip


def test_the_machine_is_named() -> None:
    """CPU, cores, kernel, Python, SQLite and file system are said before any figure."""
    assert "Abacus 3000, 2 cores, Linux 6.18, CPython 3.11.7, SQLite 3.40.1, data on ext4" in _printed(_REPORT)


def test_a_report_is_json() -> None:
    """A report becomes JSON and back."""
    assert msgspec.json.decode(msgspec.json.encode(_REPORT), type=Report) == _REPORT


def test_this_machine_is_known(tmp_path: Path) -> None:
    """Nothing that the figures depend on is left empty."""
    assert all(msgspec.structs.astuple(this_machine(tmp_path)))
