"""Tests stand where what they test does: their folders and their names are those of the source."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "openpositions"

MIRRORS = ("bench", "core", "engine", "journal", "wire")
"""Folders of tests that follow those of the source. The others ask about the whole: properties, acceptance, …"""

NAMED_OTHERWISE = {
    "bench/test_runs.py",  # one after the other, every benchmark
}


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
    tests = [
        path for path in (TESTS / mirror).rglob("test_*.py") if str(path.relative_to(TESTS)) not in NAMED_OTHERWISE
    ]

    assert tests
    assert [str(path.relative_to(TESTS)) for path in tests if not is_named_after_one(path)] == []


def test_what_is_named_otherwise_is_there() -> None:
    """An exception that is no longer one is taken off the list."""
    assert [name for name in NAMED_OTHERWISE if not (TESTS / name).exists() or is_named_after_one(TESTS / name)] == []
