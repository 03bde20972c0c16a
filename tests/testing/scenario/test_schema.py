"""The published schema, as an editor applies it to what it reads of a file."""

from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from openpositions.testing.scenario import schema, shipped_names
from openpositions.testing.scenario.steps import ACTIONS

VALIDATOR = jsonschema.Draft202012Validator(schema())
SHIPPED = files("openpositions.testing.scenario") / "shipped"


def mistakes(document: Any) -> list[str]:  # noqa: ANN401 - whatever YAML holds
    """The places that do not follow the schema."""
    return [error.json_path for error in VALIDATOR.iter_errors(document)]


def step(text: str) -> dict[str, Any]:
    """A scenario of one step."""
    return {"scenario": "a", "steps": [yaml.safe_load(text)]}


def test_schema_is_one() -> None:
    """Of the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenario_follows_the_schema(name: str) -> None:
    """Although an editor reads a price as a number."""
    assert mistakes(yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{fill: {user: alice, ticker: A-1, price: 'x', count: 1}}", "$.steps[0].fill"),
        ("{fill: {user: alice, ticker: A-1, price: 0.4}}", "$.steps[0].fill"),
        ("{fill: {user: alice, ticker: A-1, price: 0.4, count: 1, prize: 1}}", "$.steps[0].fill"),
        ("{at_ms: -1, mark: {ticker: A-1, price: 0.4}}", "$.steps[0].at_ms"),
        ("{at_ms: 1}", "$.steps[0]"),
        ("{mark: {ticker: A-1, price: 0.4}, bust: {trade: t}}", "$.steps[0]"),
    ],
)
def test_mistake_is_found_by_the_schema(text: str, path: str) -> None:
    """Those that the reading refuses too, where a schema can say it."""
    assert mistakes(step(text)) == [path]


def test_every_action_takes_its_own_fields_only() -> None:
    """But for faults, whose types read requests too: for them an unknown field is found by the reading."""
    kinds = schema()["$defs"]

    closed = {name.lower() for name, kind in kinds.items() if kind.get("additionalProperties") is False}
    assert closed == {"scenario", "step", "expectedrow", *ACTIONS} - {"expect", "fault"}
