"""`openpositions sandbox list`, `check` and `schema`: what there is to play, and whether a file can be played."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from openpositions.cli.options import AsJson
from openpositions.cli.tables import new_table, print_table
from openpositions.testing import scenario

if TYPE_CHECKING:
    from openpositions.testing.scenario import PlannedScenario

LIST_EXAMPLE = "Example: openpositions sandbox list"
CHECK_EXAMPLE = "Example: openpositions sandbox check my-scenario.yaml"
SCHEMA_EXAMPLE = "Example: openpositions sandbox schema > scenario.schema.json"

ScenarioName = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A YAML file, or the name of a shipped one.")]


class _Summary(msgspec.Struct):
    scenario: str
    about: str
    steps: int
    events: int
    rows: int
    """That are expected."""
    duration_ms: int
    users: tuple[str, ...]


def list_(as_json: AsJson = False) -> None:
    """List the scenarios that come with the package."""
    summaries = [_summary(scenario.load_shipped(name)) for name in scenario.shipped_names()]
    if as_json:
        print(msgspec.json.encode(summaries).decode())
        return
    table = new_table(None, "name", ">steps", ">events", ">seconds", "about")
    for one in summaries:
        table.add_row(one.scenario, str(one.steps), str(one.events), f"{one.duration_ms / 1000:g}", one.about)
    print_table(table)


def check(name: ScenarioName, as_json: AsJson = False) -> None:
    """Check that a scenario can be played; what is wrong is named by line and field, and the exit code is 2 then."""
    summary = _summary(find(name))
    if as_json:
        print(msgspec.json.encode(summary).decode())
    else:
        spent = f"{summary.duration_ms / 1000:g} s"
        print(f"{name}: {summary.steps} steps, {summary.events} events, {summary.rows} expected rows, {spent}")


def schema() -> None:
    """Print the JSON schema of scenario files, for an editor."""
    print(msgspec.json.format(msgspec.json.encode(scenario.schema())).decode())


def find(name: str) -> PlannedScenario:
    """The scenario of a file, or the shipped one of that name. Raises Misconfigured and InvalidInput."""
    if name in scenario.shipped_names() and not Path(name).is_file():
        return scenario.load_shipped(name)
    if Path(name).suffix or Path(name).exists():
        return scenario.load(name)
    return scenario.load_shipped(name)


def _summary(planned: PlannedScenario) -> _Summary:
    return _Summary(
        planned.name,
        planned.scenario.about,
        len(planned.scenario.steps),
        sum(len(moment.events) for moment in planned.moments),
        sum(len(moment.expected) for moment in planned.moments),
        planned.moments[-1].at_ms,
        planned.users,
    )
