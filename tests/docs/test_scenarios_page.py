"""The page about scenarios and recordings does what it says."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from openpositions.testing.scenario import shipped_names
from openpositions.testing.scenario.steps import ACTIONS, ExpectedRow, Scenario, Step
from tests.docs.pages import ROOT, blocks, read_line, run, started

PAGE = "docs/scenarios.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_its_commands_run(tmp_path: Path) -> None:
    """One after the other, in an empty folder."""
    printed = "".join(run(block, tmp_path) for block in blocks(PAGE, "sh"))

    assert "partial-closes: 5 events played, 3 rows compared, as expected" in printed
    assert "first: 6 events played, 3 rows compared, as expected" in printed
    assert json.loads((tmp_path / "scenario.schema.json").read_text(encoding="utf-8"))["title"]


def test_its_error_is_the_one_that_is_printed(tmp_path: Path) -> None:
    """For the same file with a price in cents."""
    (written,) = re.findall(r"^cat > first.yaml <<'END'\n(.*?)^END$", TEXT, re.DOTALL | re.MULTILINE)
    (tmp_path / "first.yaml").write_text(written.replace("price: 0.40", "price: 40"), encoding="utf-8")

    printed = run("openpositions sandbox check first.yaml 2>&1 || true", tmp_path)

    assert printed in TEXT


def test_its_test_passes(tmp_path: Path) -> None:
    """With a pytest that knows nothing of this project."""
    (test,) = blocks(PAGE, "python")
    (tmp_path / "test_program.py").write_text(test, encoding="utf-8")

    assert "1 passed" in run("python -m pytest -p no:cacheprovider -q", tmp_path)


def test_a_connection_is_recorded_and_replayed(tmp_path: Path, port: str) -> None:
    """By the three commands of the page, of which the first keeps the service there for the second."""
    (keeping,) = re.findall(r"^openpositions sandbox run .*--keep.*$", TEXT, re.MULTILINE)
    (recording,) = re.findall(r"^openpositions sandbox record .*$", TEXT, re.MULTILINE)
    recording = recording.replace("--seconds 30", "--frames 8")  # all that there are
    (replaying,) = re.findall(r"^openpositions sandbox replay .*$", TEXT, re.MULTILINE)
    scenario = keeping.replace("reconnect-storm", "flips").replace("DATA", "data").replace("8080", port)
    with started(scenario, tmp_path) as service:
        assert read_line(service) == f"ready http://127.0.0.1:{port}"
        key_id = read_line(service).split()[3]
        assert read_line(service).startswith("key of bob ")
        run(recording.replace("KEY_ID", key_id).replace("DATA", "data").replace("8080", port), tmp_path)
    with started(replaying.replace("8081", port), tmp_path) as service:
        assert read_line(service) == f"ready http://127.0.0.1:{port}"
        _, _, _, key_id, _, _, key_file = read_line(service).split()
        again = recording.replace("KEY_ID", key_id).replace("DATA/sandbox-key.pem", key_file).replace("8080", port)
        run(again.replace("night", "again"), tmp_path)

    first, second = (
        [json.loads(line)["data"] for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()[2:]]
        for name in ("night.ndjson", "again.ndjson")
    )
    assert first == second
    assert [frame["msg"]["position"] for frame in first if frame["type"] == "market_position"] == [10, -15, 5]


def test_every_shipped_scenario_is_told_of() -> None:
    """In the table, and no other."""
    assert sorted(re.findall(r"^\| `([a-z-]+)` \| [a-z]", TEXT, re.MULTILINE)[:10]) == shipped_names()


@pytest.mark.parametrize("action", [name for name in ACTIONS if name not in {"expect", "fault"}])
def test_fields_of_an_action_are_those_of_its_type(action: str) -> None:
    """The required ones in their column, the others in theirs."""
    (required, optional) = re.findall(rf"^\| `{action}` \| (.*) \| ?(.*)\|$", TEXT, re.MULTILINE)[-1]
    (kind,) = (
        one
        for field in msgspec.structs.fields(Step)
        if field.name == action
        for one in field.type.__args__
        if one is not type(None)
    )
    names = set(re.findall(r"`([a-z_]+)`", required)) - {"yes", "no", "scalar", "void"}
    others = set(re.findall(r"`([a-z_]+)`", optional)) - {"scalar"}

    assert names == {field.name for field in msgspec.structs.fields(kind) if field.required}
    assert others == {field.name for field in msgspec.structs.fields(kind) if not field.required}


@pytest.mark.parametrize("kind", [Scenario, Step, ExpectedRow])
def test_every_other_field_is_on_the_page(kind: type[msgspec.Struct]) -> None:
    """In code letters."""
    assert [field.name for field in msgspec.structs.fields(kind) if f"`{field.name}`" not in TEXT] == []
