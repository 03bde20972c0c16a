"""The package as it is installed."""

import tomllib
from pathlib import Path

import openpositions

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_version_is_the_one_of_the_project() -> None:
    """`openpositions.__version__` is the version that pyproject.toml declares."""
    declared = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]

    assert openpositions.__version__ == declared
