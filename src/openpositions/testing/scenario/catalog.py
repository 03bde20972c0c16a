"""The scenarios that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from openpositions.errors import Misconfigured
from openpositions.testing.scenario.reading import load

if TYPE_CHECKING:
    from openpositions.testing.scenario.reading import PlannedScenario

_FOLDER = files("openpositions.testing.scenario") / "shipped"
_SUFFIX = ".yaml"


def shipped_names() -> list[str]:
    """Their names, sorted."""
    return sorted(file.name.removesuffix(_SUFFIX) for file in _FOLDER.iterdir() if file.name.endswith(_SUFFIX))


def load_shipped(name: str) -> PlannedScenario:
    """The shipped scenario of a name. Raises Misconfigured when there is none."""
    if name not in shipped_names():
        raise Misconfigured(f"there is no scenario {name[:40]!r}; there are {', '.join(shipped_names())}")
    with as_file(_FOLDER / f"{name}{_SUFFIX}") as path:
        return load(path)
