"""Each benchmark, run small against the real service. What arrived is asserted, how fast it did is not."""

from pathlib import Path

import pytest

from openpositions.bench.fixture import fixture
from openpositions.bench.identities import identities
from openpositions.bench.idle import idle
from openpositions.bench.ingest import ingest
from openpositions.bench.push import push
from openpositions.bench.recovery import recovery
from openpositions.bench.report import Report
from openpositions.bench.resume import resume
from openpositions.bench.settle import settle
from openpositions.bench.slow import slow


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What `bench push` reports of a small load."""
    return push(tmp_path_factory.mktemp("push"), sockets=5, fills=600, runs=2, paced_fills=300)


def test_push_delivers_a_frame_for_every_fill(pushed: Report) -> None:
    """Every fill that was fed, at full speed or paced, arrives as a frame at its user's socket."""
    assert pushed.counts == {"sockets": 5, "fills": 1800, "frames": 1800}


def test_push_puts_a_floor_beside_every_figure(pushed: Report) -> None:
    """Durable and delivered fills/s and the delays each come with what a bare program reached in the same run."""
    assert [figure.name for figure in pushed.figures if figure.floor is not None and figure.floor.value > 0] == [
        "durable",
        "delivered",
        "p50 at 5,000/s, 256 a post",
        "p99 at 5,000/s, 256 a post",
        "p50 at 5,000/s, 16 a post",
        "p99 at 5,000/s, 16 a post",
    ]


def test_ingest_has_every_fill_accepted(tmp_path: Path) -> None:
    """Fills in batches and one by one are all new to the service; a refusal or a duplicate would end the run."""
    report = ingest(tmp_path, fills=300, single_fills=20, runs=2)

    assert report.counts == {"fills": 640}


def test_settlement_reaches_its_holders_amid_fills_of_other_markets(tmp_path: Path) -> None:
    """The connected holders get a frame of the settlement each, besides those of the fills that kept flowing."""
    report = settle(tmp_path, holders=30, sockets=10, fills=160)

    assert report.counts == {"holders": 30, "sockets": 10, "fills": 160, "frames": 170}


def test_identities_are_held_before_the_feed(tmp_path: Path) -> None:
    """Fills are still taken as new when the checkpoint already holds other identities."""
    report = identities(tmp_path, held=1000, fills=300)

    assert _names(report) == ["durable, 0 held", "durable, 1,000 held"]


def test_recovery_is_timed_with_and_without_a_checkpoint(tmp_path: Path) -> None:
    """A start from the journal alone and one from a checkpoint are different figures."""
    report = recovery(tmp_path, events=300, runs=2)

    assert _names(report) == ["from the journal alone", "from a checkpoint", "start from a checkpoint"]


def test_idle_connections_take_memory(tmp_path: Path) -> None:
    """Memory of idle connections is counted in kB a connection, and is not nothing."""
    report = idle(tmp_path, sockets=200)

    assert report.figures[0].value > 1


def test_fixture_is_timed_alone_and_in_a_suite(tmp_path: Path) -> None:
    """The suite passes, or the benchmark fails; beside it stands a suite that needs no server."""
    report = fixture(tmp_path, tests=3, runs=1)

    assert _names(report) == [
        "start of a server",
        "end of a server",
        "start on the disk",
        "suite of 3 tests, a server and a client each",
    ]
    assert report.figures[-1].floor is not None


def test_slow_compares_the_quick_with_themselves(tmp_path: Path) -> None:
    """Every fill of a quick user arrives, beside readers that take nothing; each figure has its counterpart."""
    report = slow(tmp_path, quick=4, fills=320, runs=1)

    assert report.counts["fills"] == 960
    assert 500 < report.counts["frames"] < 960
    assert _names(report) == [
        "p50 of the quick, alone",
        "p50 of the quick, beside the slow",
        "p50, beside to alone",
        "p99 of the quick, alone",
        "p99 of the quick, beside the slow",
        "p99, beside to alone",
    ]
    assert all(figure.value > 0 for figure in report.figures)


def test_resume_costs_the_same_bytes_whatever_changed_elsewhere(tmp_path: Path) -> None:
    """But for the digits of the sequence that it is as of; and fewer than a snapshot."""
    report = resume(tmp_path, rows=40, changed=4, elsewhere=2_000, runs=3)

    *_, resumed, whole = report.figures
    assert resumed.floor is not None
    assert 0 < resumed.floor.value <= resumed.value <= resumed.floor.value + 3
    assert resumed.value * 5 < whole.value
    assert report.counts == {"rows": 40, "changed": 4, "elsewhere": 2_000}


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """The directory that was given for the data is empty again after a benchmark."""
    ingest(tmp_path, fills=10, single_fills=1, runs=1)

    assert list(tmp_path.iterdir()) == []


def _names(report: Report) -> list[str]:
    return [figure.name for figure in report.figures]
