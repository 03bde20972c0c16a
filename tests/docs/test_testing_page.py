"""The tests that the page about testing shows, run as a reader runs them."""

from pathlib import Path

import msgspec

from openpositions.testing.sandbox_server import SandboxServer
from openpositions.wire.sandbox.faults import read_fault
from tests.docs.pages import ROOT, blocks, run
from tests.docs.signatures import of_code, stated

PAGE = "docs/testing.md"


def test_its_tests_pass(tmp_path: Path) -> None:
    """In a folder of their own, with a pytest that knows nothing of this project."""
    program, tests = blocks(PAGE, "python")
    (tmp_path / "follower.py").write_text(program, encoding="utf-8")
    (tmp_path / "test_follower.py").write_text(tests, encoding="utf-8")

    assert "3 passed" in run("python -m pytest -p no:cacheprovider -q", tmp_path)


def test_the_test_of_the_readme_passes(tmp_path: Path) -> None:
    """As it stands there, with nothing else."""
    test, _ = blocks("README.md", "python")
    (tmp_path / "test_program.py").write_text(test, encoding="utf-8")

    assert "1 passed" in run("python -m pytest -p no:cacheprovider -q", tmp_path)


def test_every_member_of_the_fixture_is_on_the_page() -> None:
    """What people can use, they can look up."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    members = [name for name in dir(SandboxServer) if not name.startswith("_")]

    assert [name for name in members if f"`{name}" not in text] == ["stop"]


def test_every_method_is_called_as_the_page_shows_it() -> None:
    """The same arguments in the same order, by name where that is needed, and the defaults that matter."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").split("## Reference: the fixture")[1].split("\n## ")[0]
    shown = dict(stated(text))

    assert set(shown) >= {"key", "fill", "trade", "settle", "mark", "bust", "adjust", "cash", "declare", "position"}
    for name, parameters in shown.items():
        assert parameters == of_code(getattr(SandboxServer, name)), name


def test_every_fault_on_the_page_can_be_made() -> None:
    """Each whole object of the table is taken as it stands."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    shown = [
        msgspec.json.decode(part) for part in text.split("`") if part.startswith('{"fault":') and part.endswith("}")
    ]
    stated = {read_fault(fault).__struct_config__.tag for fault in shown if "…" not in str(fault)}

    assert len(stated) == 12
