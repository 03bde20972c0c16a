"""Scenarios: small YAML files that say what happens at a service and which rows must be there afterwards."""

from openpositions.testing.scenario.catalog import load_shipped, shipped_names
from openpositions.testing.scenario.expectations import Difference, Row
from openpositions.testing.scenario.http_stage import HttpStage, SigningClock
from openpositions.testing.scenario.on_server import play_on
from openpositions.testing.scenario.player import REAL_TIME, VIRTUAL_TIME, Outcome, Stage, Tempo, play
from openpositions.testing.scenario.reading import PlannedScenario, load, parse
from openpositions.testing.scenario.schema import schema

__all__ = [
    "REAL_TIME",
    "VIRTUAL_TIME",
    "Difference",
    "HttpStage",
    "Outcome",
    "PlannedScenario",
    "Row",
    "SigningClock",
    "Stage",
    "Tempo",
    "load",
    "load_shipped",
    "parse",
    "play",
    "play_on",
    "schema",
    "shipped_names",
]
