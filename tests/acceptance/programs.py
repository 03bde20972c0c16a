"""Programs that use the public clients of the venue.

Each client runs in an environment of its own, with the libraries that it was written for; `make test` makes those that
the tests need, `make compat` all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.service import Service
from tests.acceptance.websocket import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
SCRIPTS = "tests.acceptance.clients"


class Program(NamedTuple):
    """A script, and the environment with the library that it uses."""

    environment: str
    script: str

    def __str__(self) -> str:
        return f"{self.environment} {self.script}"

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return ROOT / ".venv-clients" / self.environment / "bin" / "python"


class Running(NamedTuple):
    """A program that runs."""

    process: asyncio.subprocess.Process

    async def next_row(self) -> dict[str, Any]:
        """The next message that it was handed."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self.process.stdout.readline()
        assert line, "the program has ended"
        message = json.loads(line)
        assert isinstance(message, dict)
        return message

    def tell(self, *words: str) -> None:
        """Gives it a command of `lines.py`."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words).encode() + b"\n")


@asynccontextmanager
async def running(
    service: Service, program: Program, user_id: str, *arguments: str, url: str | None = None, quiet: bool = False
) -> AsyncIterator[Running]:
    """A program that runs for a user, until it is killed at the end; at the service, or at another way to it.

    A quiet one shows nothing of what it says on stderr.
    """
    if not program.python.exists():
        pytest.skip(f"there is no environment {program.environment}: `make test` or `make compat` makes it")
    process = await asyncio.create_subprocess_exec(
        program.python,
        "-m",
        f"{SCRIPTS}.{program.script}",
        url or service.url,
        service.callers[user_id].key_id,
        service.key_file,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL if quiet else None,
        cwd=ROOT,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
