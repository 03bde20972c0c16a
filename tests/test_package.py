"""The package as it is installed, and what it offers."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import openpositions

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_version_is_the_one_of_the_project() -> None:
    """`openpositions.__version__` is the version that pyproject.toml declares."""
    declared = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]

    assert openpositions.__version__ == declared


def test_the_public_names() -> None:
    """What is offered is exactly this; a name more or less is a decision."""
    assert openpositions.__all__ == [
        "Balance",
        "Bookmark",
        "Cause",
        "Client",
        "Fill",
        "Holding",
        "Portfolio",
        "PositionRow",
        "PositionStream",
        "Settlement",
        "Snapshot",
        "Totals",
        "__version__",
    ]
    assert set(openpositions.__all__) <= set(dir(openpositions))
    for name in openpositions.__all__:
        assert getattr(openpositions, name) is not None


def test_another_name_is_not_there() -> None:
    """A typing mistake is told as Python tells it, and by a type checker before that."""
    with pytest.raises(AttributeError, match="'openpositions' has no attribute 'Cleint'"):
        _ = openpositions.Cleint  # type: ignore[attr-defined]


def test_the_library_without_asyncio_need_not_be_imported_by_itself() -> None:
    """`import openpositions` is enough, for a type checker too."""
    assert openpositions.sync.Client.__module__ == "openpositions.client.blocking"


def test_importing_the_package_is_quick() -> None:
    """Nothing is imported that was not asked for."""
    program = "import sys, openpositions; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiohttp", "asyncio", "cryptography", "msgspec", "typer"} & set(loaded)
