"""Tests stand where what they test does: their folders and their names are those of the source."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "openpositions"

MIRRORS = ("bench", "cli", "client", "core", "engine", "journal", "server", "testing", "wire")
"""Folders of tests that follow those of the source. The others ask about the whole: properties, acceptance, …"""

NAMED_OTHERWISE = {
    "bench/test_runs.py",  # one after the other, every benchmark
    "cli/test_streams.py",  # of all commands
    "cli/test_windows.py",  # as above
    "cli/test_wrong_use.py",  # as above
}
SHOWN = "server/dashboard/"
"""Tests of what a browser shows, named after what is looked at."""


def modules_of(room: Path) -> set[str]:
    """What a test of a folder of the source can be named after."""
    return {path.stem for path in room.glob("*.py")} - {"__init__", "__main__"}


def is_named_after_one(test: Path) -> bool:
    """`test_book.py` and `test_book_replay.py` are, where there is a `book.py`."""
    name = test.stem.removeprefix("test_")
    modules = modules_of(SOURCE / test.parent.relative_to(TESTS))
    return any(name == module or name.startswith(f"{module}_") for module in modules)


@pytest.mark.parametrize("mirror", MIRRORS)
def test_files_of_tests_begin_with_the_name_of_a_module(mirror: str) -> None:
    """Of the folder that theirs mirrors, so that whoever changes a module finds its tests."""
    tests = {str(path.relative_to(TESTS)) for path in (TESTS / mirror).rglob("test_*.py")}
    named = {test for test in tests - NAMED_OTHERWISE if not test.startswith(SHOWN)}

    assert named
    assert [test for test in sorted(named) if not is_named_after_one(TESTS / test)] == []


def test_what_is_named_otherwise_is_there() -> None:
    """An exception that is no longer one is taken off the list."""
    assert [name for name in NAMED_OTHERWISE if not (TESTS / name).exists() or is_named_after_one(TESTS / name)] == []
