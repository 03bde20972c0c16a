"""The reference names what there is: commands, settings, paths with their parameters, numbered errors."""

import re

import pytest

from openpositions.server.routes.operations import OPERATIONS
from openpositions.server.settings import Settings
from openpositions.wire.api.openapi import Endpoint
from openpositions.wire.socket.errors import ErrorCode
from tests.docs.pages import ROOT, help_of

TEXT = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands under a heading, up to the next of its rank."""
    return TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without the heads."""
    lines = re.findall(r"^\| (`.*|[0-9].*) \|$", section(heading), re.MULTILINE)
    return [line.split(" | ") for line in lines]


def test_the_commands_are_those_that_the_command_line_lists() -> None:
    """All of them, and none that is gone."""
    listed = re.findall(r"^│ ([a-z]+) {2,}[A-Z]", help_of(""), re.MULTILINE)
    named = " ".join(cells[0] for cells in rows("Commands"))

    assert [verb for verb in listed if f"`{verb}" not in named] == []
    for group in ("keys", "sandbox"):
        (cell,) = (cells[0] for cells in rows("Commands") if cells[0].startswith(f"`{group} "))
        verbs = re.findall(r"^│ ([a-z]+) {2,}[A-Z]", help_of(group), re.MULTILINE)
        assert sorted(re.findall(r"\w+", cell)) == sorted([group, *verbs])


def test_the_settings_are_those_that_there_are() -> None:
    """Each with a flag, but for the directory, which is no default to set."""
    named = [name for cells in rows("Settings") for name in re.findall(r"`(\w+)`", cells[0])]

    assert ["data", *named] == list(Settings.__struct_fields__)


def test_their_defaults_are_those_that_are_used() -> None:
    """Each in the second column, in the order of the names."""
    settings = Settings(data=ROOT)
    for names, defaults, *_ in (cells for cells in rows("Settings") if len(cells) > 2 and cells[1].strip()):
        used = [getattr(settings, name) for name in re.findall(r"`(\w+)`", names)]
        shown = [f"{value:g}" if isinstance(value, float) else str(value) for value in used]
        assert defaults.replace("`", "").replace("false", "False").split(", ") == shown


@pytest.mark.parametrize("place", OPERATIONS)
def test_a_path_is_in_the_table_with_its_parameters(place: Endpoint) -> None:
    """The socket and its parameters have a section of their own."""
    *before, last = place.path.replace("{key_id}", "ID").rsplit("/", 1)
    text = (
        TEXT
        if place.path.endswith("/ws/v2")
        else "\n".join(" ".join(cells) for cells in rows("REST") if f"{'/'.join(before)}/{last}" in cells[0])
    )
    missing = [one.name for one in OPERATIONS[place].parameters if not re.search(rf"[`?]{one.name}\b", text)]

    assert place.method in text
    assert [name for name in missing if name != "key_id"] == []


def test_the_errors_are_those_of_the_socket() -> None:
    """Number and text."""
    table = [(int(cells[0]), cells[1]) for cells in rows("The socket") if re.fullmatch(r"[0-9]{1,2}", cells[0])]

    assert table == [(code.number, code.text) for code in ErrorCode]


def test_the_codes_of_rejected_lines_are_in_a_table() -> None:
    """Those that are written out in the source; others are made of the name of what is invalid."""
    source = ROOT / "src" / "openpositions"
    modules = [*(source / "core").glob("*.py"), *(source / "wire" / "ingest").glob("*.py")]
    text = "\n".join(module.read_text(encoding="utf-8") for module in modules)
    codes = set(re.findall(r'(?:\bRefusal\(\s*|code=)"([a-z_]+)"', text))
    named = set(re.findall(r"`([a-z_]+)`", "\n".join(cells[0] for cells in rows("Events in"))))

    assert len(codes) > 8
    assert codes <= named
