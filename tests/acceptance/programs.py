"""Programs that use the public clients of the venue.

Each client runs in an environment of its own, with the libraries that it was written for; `make test` makes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.service import Service

SCRIPTS = Path(__file__).parent / "clients"
ENVIRONMENTS = Path(__file__).parents[2] / ".venv-clients"


class Program(NamedTuple):
    """A script, and the environment with the library that it uses."""

    environment: str
    script: str

    def __str__(self) -> str:
        return f"{self.environment} {self.script.removesuffix('.py')}"


@asynccontextmanager
async def running(
    service: Service, program: Program, user_id: str, *arguments: str
) -> AsyncIterator[asyncio.StreamReader]:
    """The output of a program that runs for a user, until it is killed at the end."""
    python = ENVIRONMENTS / program.environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"there is no environment {program.environment}: `make test` makes it")
    process = await asyncio.create_subprocess_exec(
        python,
        SCRIPTS / program.script,
        service.url,
        service.callers[user_id].key_id,
        service.key_file,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
