"""What a page links to is there."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGES = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A page, a folder, or a heading of a page."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8"))
    for path, anchor in links:
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    """None is left alone."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in text] == []


def test_the_rooms_are_those_of_the_source() -> None:
    """Of the explanation: all folders and the modules beside them, and none that is gone."""
    text = (ROOT / "docs" / "explanation.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "openpositions"
    drawn: set[str] = set()
    room = ""
    for line in text.split("\n## The rooms\n")[1].split("\n```")[1].splitlines()[2:]:
        inner, names = line.startswith("│"), re.findall(r"\w+(?:/|\.py)", re.split(r"\s{2,}", line.lstrip("│├└─ "))[0])
        room = room if inner else names[0]
        drawn |= {f"{room}{name}" for name in names} if inner else set(names)

    folders = {f"{path.parent.relative_to(source)}/" for path in source.glob("*/**/__init__.py")}
    modules = {path.name for path in source.glob("*.py") if not path.name.startswith("__")}
    assert drawn == folders | modules


def test_the_explanation_names_modules_that_there_are() -> None:
    """As `room/module`, perhaps with a name in it."""
    text = (ROOT / "docs" / "explanation.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:cli|server|client|testing|engine|journal|wire|core)/[a-z_/]+)", text)

    assert len(named) > 5
    assert [name for name in named if not (ROOT / "src" / "openpositions" / f"{name}.py").exists()] == []
