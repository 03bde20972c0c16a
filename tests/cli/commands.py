"""Commands, run as the programs that people start."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

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


def openpositions(
    *arguments: object, stdin: bytes = b"", folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> Done:
    """Runs a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "openpositions", *map(str, arguments)],
        input=stdin,
        cwd=folder,
        env=os.environ | (variables or {}),
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
