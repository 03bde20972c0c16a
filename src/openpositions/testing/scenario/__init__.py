"""Scenarios: small YAML files that say what happens at a service and which rows must be there afterwards."""

from openpositions.testing.scenario.catalog import load_shipped, shipped_names
from openpositions.testing.scenario.expectations import Difference, Row
from openpositions.testing.scenario.player import REAL_TIME, Answer, Outcome, Stage, Tempo, play
from openpositions.testing.scenario.reading import PlannedScenario, load, parse
from openpositions.testing.scenario.schema import schema

__all__ = [
    "REAL_TIME",
    "Answer",
    "Difference",
    "Outcome",
    "PlannedScenario",
    "Row",
    "Stage",
    "Tempo",
    "load",
    "load_shipped",
    "parse",
    "play",
    "schema",
    "shipped_names",
]
