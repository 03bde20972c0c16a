"""What is answered, and what is logged, when a request comes to nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectionError, web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from openpositions.errors import JournalUnavailable
from openpositions.server.responses import answer_failures
from tests.server.conftest import Client


async def hang_up(request: web.Request) -> web.StreamResponse:
    """The peer goes away while its socket is being opened."""
    assert request.transport is not None
    request.transport.close()
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    return socket


async def stop(_: web.Request) -> web.Response:
    """The disk is gone."""
    raise JournalUnavailable("the disk is gone")


async def refuse(_: web.Request) -> web.Response:
    """Too much is under way for this user."""
    raise web.HTTPTooManyRequests


async def fail(_: web.Request) -> web.Response:
    """A mistake of ours."""
    raise KeyError("secret")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client in front of handlers to which things happen."""
    app = web.Application(middlewares=[answer_failures])
    app.add_routes(
        [web.get("/hang-up", hang_up), web.get("/stop", stop), web.get("/fail", fail), web.get("/refuse", refuse)]
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_peer_that_goes_away_during_its_handshake_is_no_failure(client: Client) -> None:
    """Nothing is logged, whatever the library makes of it."""
    with capture_logs() as logs:
        async with asyncio.timeout(10):
            with pytest.raises(ClientConnectionError):
                await client.ws_connect("/hang-up")
    assert logs == []


async def test_failure_of_the_environment_is_503(client: Client) -> None:
    """With what it says."""
    async with client.get("/stop") as response:
        answer = await response.json()
    assert (response.status, answer["error"]["message"]) == (503, "the disk is gone")


async def test_too_many_requests_are_told_so_in_one_form(client: Client) -> None:
    """Whatever there were too many of: clients know this body, and no other."""
    async with client.get("/refuse") as response:
        answer = await response.text()
    assert (response.status, answer) == (429, '{"error":"too many requests"}')


async def test_mistake_of_ours_is_500_and_logged(client: Client) -> None:
    """The peer learns nothing of it, and the log no more of the request than its path."""
    with capture_logs() as logs:
        async with client.get("/fail?ticket=hidden") as response:
            answer = await response.json()
    assert (response.status, answer["error"]["message"]) == (500, "the request failed on our side")
    assert [(log["event"], log["method"], log["path"]) for log in logs] == [("request failed", "GET", "/fail")]
