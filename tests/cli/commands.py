"""Commands and how they end."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from openpositions.cli import run

_SECONDS = 60


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:  # noqa: ANN401 - JSON
        """What it printed, decoded."""
        return json.loads(self.out)


def openpositions(*arguments: object) -> Done:
    """Runs a command to its end, in this process, because starting another one takes longer than most commands.

    In a thread of its own, since the command brings its own event loop.
    """
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), ThreadPoolExecutor(1) as thread:
        code = thread.submit(run, [str(argument) for argument in arguments]).result(_SECONDS)
    return Done(code, out.getvalue(), err.getvalue())


def program(*arguments: object, stdin: bytes = b"") -> Done:
    """Runs a command to its end, as the program that people start."""
    done = subprocess.run(
        [sys.executable, "-m", "openpositions", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def write_lines(path: Path, events: Iterable[Mapping[str, Any] | str]) -> Path:
    """A file of events, one a line; a text is a line as it stands."""
    lines = (event if isinstance(event, str) else json.dumps(event) for event in events)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
