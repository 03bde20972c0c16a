"""What a player hears from a service that does not do as it should."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from openpositions.errors import RequestFailed
from openpositions.testing.scenario import HttpStage, SigningClock
from openpositions.wire.sandbox.faults import ClockSkew, Pause, Restart

Handler = Callable[[web.Request], Awaitable[web.Response]]


def answering(text: str, status: int = 200) -> Handler:
    """Answers everything with this."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return answer


@asynccontextmanager
async def stage(handler: Handler, clock: SigningClock | None = None) -> AsyncIterator[HttpStage]:
    """A stage on what some handler serves under every path."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server, ClientSession(server.make_url("")) as session:
        yield HttpStage(session, clock or SigningClock())


async def test_service_without_faults_is_told_how_to_be_started() -> None:
    """It knows no such path."""
    async with stage(answering("{}", 404)) as one:
        with pytest.raises(RequestFailed, match=r"makes no faults: start it with `openpositions serve --sandbox`"):
            await one.make_fault(Pause())


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (answering('{"error":"no"}', 503), "POST /v1/events was refused with 503: no"),
        (
            answering('{"error":{"code":"header_timestamp_expired","message":"header timestamp expired"}}', 401),
            "POST /v1/events was refused with 401: header timestamp expired; the clocks of this machine and of the ",
        ),
        (answering("<html>"), "POST /v1/events was answered by something else than openpositions: "),
    ],
)
async def test_other_answers_are_shown(handler: Handler, message: str) -> None:
    """With the request."""
    async with stage(handler) as one:
        with pytest.raises(RequestFailed) as raised:
            await one.feed(b"{}")

    assert str(raised.value).startswith(message)


async def test_nobody_there_is_said() -> None:
    """With the request."""
    async with ClientSession("http://127.0.0.1:1") as session:
        one = HttpStage(session, SigningClock())
        with pytest.raises(RequestFailed, match="no answer to GET /v1/rows: "):
            await one.row("alice", "A-1", 0)


async def test_restart_is_waited_for() -> None:
    """While the old service still answers, and while none does."""
    answers = iter([(1, 200), (1, 200), (1, 200), (0, 503), (2, 200)])

    async def restarting(_: web.Request) -> web.Response:
        starts, status = next(answers)
        return web.json_response({"faults": [], "starts": starts}, status=status)

    async with stage(restarting) as one:
        await one.make_fault(Restart())

    assert list(answers) == []


async def test_skewed_clock_is_gone_along_with() -> None:
    """But for requests about faults, which the service holds against the true time."""
    clock = SigningClock()
    async with stage(answering('{"faults":[],"starts":1}'), clock) as one:
        await one.make_fault(ClockSkew(ms=3_600_000))

    assert 3_599_000 < clock.now_ms("/v1/events") - clock.now_ms("/v1/faults") <= 3_601_000


async def test_service_that_is_asked_too_often_is_asked_again() -> None:
    """A moment later."""
    answers = iter([429, 429, 200])

    async def busy(_: web.Request) -> web.Response:
        return web.json_response({"row": None, "sequence": 1}, status=next(answers))

    async with stage(busy) as one:
        assert await one.row("alice", "A-1", 0) is None
