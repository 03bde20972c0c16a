"""`openpositions bench`."""

from pathlib import Path

from tests.cli.commands import openpositions


def test_benchmark_is_printed_and_leaves_nothing(tmp_path: Path) -> None:
    """As JSON, each figure with its unit."""
    done = openpositions("bench", "recovery", "--directory", tmp_path, "--events", 2_000, "--runs", 1, "--json")

    assert (done.code, done.answer["benchmark"]) == (0, "recovery")
    assert {figure["unit"] for figure in done.answer["figures"]} == {"events/s", "ms"}
    assert list(tmp_path.iterdir()) == []


def test_benchmark_is_printed_for_people(tmp_path: Path) -> None:
    """With its floor."""
    done = openpositions("bench", "recovery", "--directory", tmp_path, "--events", 2_000, "--runs", 1)

    assert "bench recovery: events 2,000, runs 1" in done.out
    assert "floor" in done.out


def test_no_more_rows_change_than_there_are() -> None:
    """Said in one line, before anything is started."""
    done = openpositions("bench", "resume", "--rows", 10, "--changed", 11)

    assert (done.code, done.out) == (2, "")
    assert "--changed must be at most --rows 10, not 11" in done.err
