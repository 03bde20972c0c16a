"""The page of a run: what was observed, and nothing else."""

from tests.acceptance.programs import ROOT
from tests.compatibility.clients import CLIENTS, Client
from tests.compatibility.features import READS, STREAMS, Feature
from tests.compatibility.run import Observed
from tests.compatibility.table import page, surprises

CLIENT = Client(
    "some-client 1.0",
    "some-client-1.0",
    (STREAMS - {Feature.CONNECTS, Feature.FILLS, Feature.LIFECYCLE}) | READS,
    faults={Feature.FILLS: "It reads another name."},
)


def line_of(text: str, client: Client = CLIENT) -> str:
    """A client's row of the first table."""
    return next(line for line in text.splitlines() if line.startswith(f"| {client.name} |"))


def test_a_cell_says_what_was_seen() -> None:
    """Done, not done with and without a known cause, and not offered."""
    text = page([Observed(CLIENT, {Feature.CONNECTS: True, Feature.FILLS: False, Feature.LIFECYCLE: False})])

    cells = line_of(text).strip("| ").split(" | ")[1:]
    shown = dict(zip((feature for feature in Feature if feature in STREAMS), cells, strict=True))
    assert shown[Feature.CONNECTS] == "✓"
    assert shown[Feature.FILLS] == "✗ (1)"
    assert shown[Feature.LIFECYCLE] == "✗"
    assert shown[Feature.RECONNECTS] == "\N{EN DASH}"
    assert "1. It reads another name." in text


def test_a_cause_is_named_only_where_it_was_met() -> None:
    """And once, however many clients share it."""
    failed = {Feature.FILLS: False}
    works = page([Observed(CLIENT, {Feature.FILLS: True})])
    twice = page([Observed(CLIENT, failed), Observed(CLIENT._replace(name="another"), failed)])

    assert "It reads another name." not in works
    assert twice.count("It reads another name.") == 1


def test_a_client_that_could_not_run_has_no_row() -> None:
    """The page says so instead."""
    text = page([Observed(CLIENT, None)])

    assert "| some-client 1.0 |" not in text
    assert "- some-client 1.0" in text


def test_a_client_is_in_the_tables_of_what_it_offers() -> None:
    """Of the socket only, where it has nothing to read with."""
    text = page([Observed(CLIENT, {Feature.CONNECTS: True})])

    assert text.count("| some-client 1.0 |") == 1


def test_what_nobody_expected_fails_the_run() -> None:
    """A failure without a cause, and a cause that has gone."""
    results = {Feature.CONNECTS: False, Feature.FILLS: True}

    assert surprises([Observed(CLIENT, results)]) == [
        "some-client 1.0: connects failed, and no cause is known",
        "some-client 1.0: fills works now; take its cause out of clients.py",
    ]
    assert surprises([Observed(CLIENT, {Feature.CONNECTS: True, Feature.FILLS: False})]) == []


def test_the_page_in_the_docs_is_of_these_clients() -> None:
    """Whoever adds one runs `make compat`."""
    text = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")

    assert [client.name for client in CLIENTS if client.name not in text] == []


def test_every_client_has_an_environment_with_a_lock() -> None:
    """Which `make compat` installs."""
    locked = {lock.stem for lock in (ROOT / "requirements" / "clients").glob("*.lock")}

    assert {client.environment for client in CLIENTS} == locked
