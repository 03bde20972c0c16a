"""Scenarios in tests: played to the fixture `openpositions_server`."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import aiohttp

from openpositions.testing.scenario.http_stage import HttpStage, SigningClock
from openpositions.testing.scenario.player import REAL_TIME, play

if TYPE_CHECKING:
    from openpositions.testing.sandbox_server import SandboxServer
    from openpositions.testing.scenario.player import Outcome, Tempo
    from openpositions.testing.scenario.reading import PlannedScenario
    from openpositions.testing.user_keys import UserKey

_DIRECTOR = "scenario-director"


def play_on(server: SandboxServer, planned: PlannedScenario, tempo: Tempo = REAL_TIME) -> Outcome:
    """Plays to the server of a fixture, from any thread, and returns when it is over.

    A test that is a coroutine awaits `asyncio.to_thread(play_on, server, planned)`, so that its clients go on.
    Raises RequestFailed when the service does not answer.
    """
    key = server.key(_DIRECTOR, scopes=("ingest", "admin"))
    with ThreadPoolExecutor(1) as thread:  # since an event loop may be running in this one
        return thread.submit(lambda: asyncio.run(_play(server.url, key, planned, tempo))).result()


async def _play(url: str, key: UserKey, planned: PlannedScenario, tempo: Tempo) -> Outcome:
    clock = SigningClock()

    async def add_signature(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        path = request.url.raw_path
        request.headers.update(key.headers(request.method, path, ts_ms=clock.now_ms(path)))
        return await send(request)

    async with aiohttp.ClientSession(url, middlewares=[add_signature]) as session:
        return await play(planned, HttpStage(session, clock), tempo)
