"""Standard input, output and error of a command: read slowly, closed, or gone."""

import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.http import fill
from tests.cli.commands import openpositions, write_lines

PATIENCE_SECONDS = 60

# More than a pipe holds.
FILLS = 1_200


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which alice has many positions."""
    folder = tmp_path_factory.mktemp("streams")
    file = write_lines(folder / "events", [fill(f"t{number}", "alice", f"RAIN-{number}") for number in range(FILLS)])
    assert openpositions("ingest", file, "--data", folder / "data").code == 0
    return folder / "data"


def program(command: str, data: Path) -> list[str]:
    """A command as a program that people start."""
    return [sys.executable, "-m", "openpositions", *command.split(), "--data", str(data)]


READS = [
    "export --user alice",
    "positions --user alice",
    "positions --user alice --json",
    "history --user alice --json",
]


@pytest.mark.parametrize("command", READS)
def test_reader_who_has_seen_enough_is_no_failure(data: Path, command: str) -> None:
    """`… | head -1`: it ends quietly, with the code of a program that SIGPIPE ended."""
    process = subprocess.Popen(program(command, data), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    with process:
        process.stdout.close()
        _, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, err) == (141, b"")


def test_slow_reader_keeps_the_directory_from_nobody(data: Path) -> None:
    """`export … | less`: while somebody looks at the first page, other commands are served."""
    process = subprocess.Popen(program("export --user alice", data), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    with process:
        try:
            assert select.select([process.stdout], [], [], PATIENCE_SECONDS)[0]

            done = openpositions("positions", "--data", data, "--user", "alice", "--ticker", "RAIN-7", "--json")

            assert [row["ticker"] for row in done.answer["market_positions"]] == ["RAIN-7"]
            assert process.poll() is None
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()

    assert (process.returncode, out.count(b"\n"), err) == (0, FILLS + 1, b"1,200 rows as of entry 1200\n")


def test_slow_reader_of_rejected_lines_keeps_the_directory_from_nobody(data: Path) -> None:
    """`ingest … 2>&1 | less`: the same."""
    bad = write_lines(data.parent / "bad", [fill(f"b{number}", "alice", "RAIN", price="2") for number in range(FILLS)])
    process = subprocess.Popen(program(f"ingest {bad}", data), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    with process:
        try:
            assert select.select([process.stderr], [], [], PATIENCE_SECONDS)[0]

            assert openpositions("positions", "--data", data, "--user", "alice").code == 0

            assert process.poll() is None
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()

    assert (process.returncode, out) == (1, b"accepted 0, duplicates 0, rejected 1200\n")
    assert err.count(b": invalid_price: ") == FILLS


def closed(what: str, command: str, data: Path) -> subprocess.CompletedProcess[bytes]:
    """A command with one of its streams closed, such as `>&-`."""
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {what}', "sh", *program(command, data)],
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.parametrize("what", [">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_command_without_output_does_its_work(data: Path, what: str) -> None:
    """As a launcher starts it that closes what nobody will read: nothing of it ends up in the files of the command."""
    more = write_lines(data.parent / "more", [fill("more", "bob", "RAIN")])

    done = closed(what, f"ingest {more}", data)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert openpositions("verify", "--data", data).code == 0
    shown = openpositions("positions", "--data", data, "--user", "bob", "--json")
    assert [row["position_fp"] for row in shown.answer["market_positions"]] == ["10.00"]


def test_command_that_only_prints_needs_no_output(data: Path) -> None:
    """It is as if that went to /dev/null."""
    done = closed(">&-", "positions --user alice", data)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("what", ["<&-", "2>&-"])
def test_other_closed_streams_are_not_needed(data: Path, what: str) -> None:
    """Whatever is not read or written may be closed."""
    done = closed(what, "positions --user alice --ticker RAIN-7", data)

    assert (done.returncode, done.stdout.count(b"RAIN-7"), done.stderr) == (0, 1, b"")


def test_closed_input_is_said_where_it_is_read(data: Path) -> None:
    """In one line."""
    done = closed("<&-", "ingest -", data)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"openpositions: - cannot be read: standard input is closed\n"
