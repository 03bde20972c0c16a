"""Programs that are measured run as processes of their own, so that nobody shares their core or their memory."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STOP_SECONDS = 60


class Child(NamedTuple):
    """A process that serves on a port of this machine."""

    pid: int
    host: str
    port: int


@contextmanager
def service(data: Path) -> Iterator[Child]:
    """The real service on a data directory, with its default settings but for a free port."""
    with running("openpositions", "serve", "--data", str(data), "--port", "0", log=data / "service.log") as child:
        yield child


@contextmanager
def running(module: str, *arguments: str, log: Path) -> Iterator[Child]:
    """A Python module that prints `ready URL` once it accepts connections; what it complains about goes to `log`.

    Raises ServiceStopped with its last words when it ends before that. It is stopped as an operator would stop it.
    """
    with log.open("w+b") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own modules, run by the interpreter that runs us
            [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, stderr=complaints, text=True
        )
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("ready "):
                process.wait(_STOP_SECONDS)
                complaints.seek(0)
                last_words = (line + complaints.read().decode(errors="replace")).strip()[-2000:]
                raise ServiceStopped(f"python -m {module} did not start: {last_words}")
            url = urlsplit(line.split()[1])
            yield Child(process.pid, url.hostname or "", url.port or 0)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
