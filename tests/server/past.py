"""A client of the reads of the past, on an engine that real events went through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from openpositions.core.events import Event
from openpositions.engine.past import Past
from openpositions.server.auth import Caller
from openpositions.server.routes.history_routes import HistorySources, routes
from tests.engine.running import running
from tests.server.conftest import Client, serving

READ = frozenset({"read"})


@asynccontextmanager
async def reading(
    directory: Path,
    *events: Event,
    user: str = "alice",
    subaccount: int | None = None,
    scopes: frozenset[str] = READ,
) -> AsyncIterator[Client]:
    """A client of a user's, after these events."""
    async with running(directory) as engine:
        await engine.submit(*events)
        sources = HistorySources(engine.book, Past(engine.book, engine.archive), engine.archive)
        async with serving(routes(sources), Caller("k1", user, scopes, subaccount)) as client:
            yield client


async def json_of(client: Client, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
    """The answer as a client reads it."""
    response = await client.get(path, params={name: str(value) for name, value in parameters.items()})
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    return msgspec.json.decode(await response.read())
