"""What the pages show, and their commands executed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from unittest import mock

from openpositions.cli import run as openpositions

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language on a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def run(command: str, folder: Path) -> str:
    """What a command prints. It must succeed."""
    done = subprocess.run(
        ["/bin/bash", "-euc", command],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@cache
def help_of(verb: str) -> str:
    """What a verb says about itself, wide enough for its longest flag."""
    environment = mock.patch.dict(os.environ, NO_COLOR="1", TERM="dumb", COLUMNS="200")
    with environment, redirect_stdout(StringIO()) as shown:
        assert openpositions([*verb.split(), "--help"]) == 0
    return shown.getvalue()


@contextmanager
def started(command: str, folder: Path, *, ends_with: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until Ctrl-C, and then must end with this exit code."""
    process = subprocess.Popen(
        ["/bin/bash", "-euc", f"exec {command}"], cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()
        assert code == ends_with, command


def read_line(process: subprocess.Popen[str]) -> str:
    """The next line that a command prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
