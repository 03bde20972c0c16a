"""Every command that the pages show is executed as it stands there, but for the port."""

import re
import sys
from pathlib import Path
from signal import SIGINT

import pytest

from tests.docs.pages import ROOT, blocks, help_of, read_line, run, started

PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/how-to.md",
    "docs/testing.md",
    "docs/python.md",
    "docs/history.md",
    "docs/scenarios.md",
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone in which the environment was made."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def test_the_steps_of_the_readme_end_in_a_running_service(clone: Path, port: str) -> None:
    """Its lines feed a fill, show it, verify it and serve it; its program is told of it."""
    _, steps = blocks("README.md", "sh")
    _, program = blocks("README.md", "python")
    *feeding, serving = steps.replace("8080", port).strip().split("\n")
    shown = run("\n".join(feeding), clone)
    assert "FED-23DEC-T3.00" in shown
    (clone / "program.py").write_text(program.replace("8080", port), encoding="utf-8")
    with started(serving, clone) as service:
        assert read_line(service) == f"ready http://127.0.0.1:{port}"
        with started(".venv/bin/python -u program.py", clone, ends_with=-SIGINT) as following:
            assert read_line(following) == "FED-23DEC-T3.00 10.00 4.0000 0.0000"


def test_the_tutorial_prints_the_frames_that_it_shows(clone: Path, port: str) -> None:
    """Key, service, client, fill and settlement, in the order of the page, give exactly its frames."""
    key, serving, client, fill, settlement = (
        block.replace("8080", port).strip() for block in blocks("docs/tutorial.md", "sh")
    )
    (program,) = blocks("docs/tutorial.md", "python")
    (clone / "client.py").write_text(program.replace("8080", port), encoding="utf-8")
    run(key, clone)
    frames = [block.strip() for block in blocks("docs/tutorial.md", "json")]
    with started(serving, clone) as service:
        assert read_line(service) == f"ready http://127.0.0.1:{port}"
        with started(client, clone, ends_with=-SIGINT) as listening:
            assert read_line(listening) == frames[0]
            run(fill, clone)
            assert read_line(listening) == frames[1]
            run(fill, clone)
            run(settlement, clone)
            assert read_line(listening) == frames[2]


def test_the_tutorial_can_follow_the_readme_in_one_clone() -> None:
    """Neither names a file or a data directory of the other, since a key is never written over."""
    made = [
        set(re.findall(r"(?:--out|--data|json >) (\S+)", "".join(blocks(page, "sh"))))
        for page in ("README.md", "docs/tutorial.md")
    ]
    assert [len(names) for names in made] == [3, 3]
    assert not made[0] & made[1]


def test_the_recipes_that_need_nothing_else_work(clone: Path) -> None:
    """The `sh` blocks of the how-to run one after the other on an empty data directory."""
    for block in blocks("docs/how-to.md", "sh"):
        run(block.replace("DATA", "data"), clone)


@pytest.mark.parametrize("page", PAGES)
def test_every_verb_and_flag_on_a_page_exists(page: str) -> None:
    """What a page tells to type is known to the command line, also where it is not run here."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for line in re.findall(r"^(?:\.venv/bin/)?openpositions .*$", text, re.MULTILINE):
        _, *words = line.split()
        verbs = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
        verb = " ".join(verbs if verbs[0] in {"keys", "sandbox"} else verbs[:1])
        shown = help_of(verb)
        for flag in re.findall(r"--[a-z-]+", line):
            assert flag in shown, f"{flag} of {line!r}"
