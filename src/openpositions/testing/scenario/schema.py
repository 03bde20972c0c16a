"""The JSON schema of scenario files, for editors and other programs (pure)."""

from __future__ import annotations

from typing import Any

import msgspec

from openpositions.testing.scenario.forms import DECIMAL
from openpositions.testing.scenario.steps import ACTIONS, Scenario


def schema() -> dict[str, Any]:
    """The schema, made from the types that files are read with."""
    made = msgspec.json.schema(Scenario)
    # What the types cannot say, and the reading checks on its own.
    made["$defs"]["Step"]["oneOf"] = [{"required": [name]} for name in ACTIONS]
    _take_numbers(made)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "openpositions scenario", **made}


def _take_numbers(part: Any) -> None:  # noqa: ANN401 - any part of a schema
    """Lets a decimal be a number besides a text, everywhere in a schema."""
    if isinstance(part, list):
        for one in part:
            _take_numbers(one)
    if isinstance(part, dict):
        if part.get("format") == DECIMAL:
            part["type"] = ["string", "number"]
        for one in part.values():
            _take_numbers(one)
