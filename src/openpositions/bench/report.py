"""What a benchmark found: figures, each beside the floor measured in the same run."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import msgspec
from rich.table import Column, Table

from openpositions.bench.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console


class Floor(msgspec.Struct, frozen=True):
    """What the machine gives to a bare program that does only the unavoidable part of the work."""

    value: float
    does: str
    """What the bare program does."""


class Figure(msgspec.Struct, frozen=True):
    """One measured number: the median of its runs, and the lowest and highest of them."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    floor: Floor | None = None
    """None for a figure that nothing simpler can be held against."""


class Report(msgspec.Struct, frozen=True):
    """What one benchmark found. `msgspec.json.encode` gives its JSON form."""

    benchmark: str
    machine: Machine
    counts: dict[str, int]
    """What was done and observed: the load, and how much of it arrived."""
    figures: list[Figure]


def figure(name: str, unit: str, values: Sequence[float], floor: Floor | None = None) -> Figure:
    """A figure of one or several runs."""
    return Figure(name, unit, median(values), min(values), max(values), floor)


def print_report(report: Report, console: Console) -> None:
    """Prints the machine, the load and a table of the figures."""
    machine, counts = report.machine, report.counts
    console.print(f"[bold]bench {report.benchmark}[/]: " + ", ".join(f"{name} {n:,}" for name, n in counts.items()))
    console.print(
        f"{machine.cpu}, {machine.cores} cores, {machine.kernel}, {machine.python}, SQLite {machine.sqlite}, "
        f"data on {machine.filesystem}",
        style="dim",
    )
    table = Table(
        "figure",
        *(_right(name) for name in ("median", "lowest", "highest")),
        "unit",
        _right("floor"),
        "what the floor does",
    )
    for one in report.figures:
        floor = (_number(one.floor.value), one.floor.does) if one.floor else ("", "")
        table.add_row(one.name, _number(one.value), _number(one.low), _number(one.high), one.unit, *floor)
    console.print(table)


def _right(header: str) -> Column:
    return Column(header, justify="right")


def _number(value: float) -> str:
    """Three figures or more, grouped: 41,300; 2.35; 0.250."""
    if value >= 100:  # noqa: PLR2004 - from here on a fraction says nothing
        return f"{value:,.0f}"
    return f"{value:.3g}"
