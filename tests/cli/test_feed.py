"""How batches are fed: in order, and again where no answer came."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from openpositions.cli import feed as feeding
from openpositions.cli.event_lines import Line
from openpositions.cli.feed import feed
from openpositions.cli.inflow import Batch
from openpositions.errors import RequestFailed
from openpositions.wire.ingest.bodies import EventsAnswer, Rejection

TAKEN = b'{"accepted":%d,"duplicates":0,"rejected":[],"sequence":1}'


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "_PAUSES_SECONDS", (0.0, 0.0))


@asynccontextmanager
async def answering(answer: Callable[[bytes], web.Response]) -> AsyncIterator[ClientSession]:
    """A session with something that answers bodies."""

    async def handle(request: web.Request) -> web.Response:
        return answer(await request.read())

    app = web.Application()
    app.router.add_post("/v1/events", handle)
    async with TestServer(app) as server, ClientSession(server.make_url("/")) as session:
        yield session


def lines(count: int, first: int = 11) -> Batch:
    """So many lines."""
    return Batch([Line(number, b"%09d\n" % number) for number in range(first, first + count)], [])


async def one_by_one(batches: tuple[Batch, ...]) -> AsyncIterator[Batch]:
    """As they are taken from a file."""
    for batch in batches:
        yield batch


async def fed(*batches: Batch, answer: Callable[[bytes], web.Response]) -> list[EventsAnswer]:
    """The answers."""
    answers: list[EventsAnswer] = []

    async def keep(answer: EventsAnswer, _: Batch) -> None:
        answers.append(answer)

    async with answering(answer) as session:
        await feed(session, one_by_one(batches), keep)
    return answers


async def test_batches_are_sent_one_after_the_other() -> None:
    """Each whole, and each with its answer."""
    bodies: list[bytes] = []

    def take(body: bytes) -> web.Response:
        bodies.append(body)
        return web.Response(body=TAKEN % body.count(b"\n"))

    answers = await fed(lines(3), lines(1, 14), answer=take)

    assert [answer.accepted for answer in answers] == [3, 1]
    assert bodies == [b"000000011\n000000012\n000000013\n", b"000000014\n"]


async def test_rejections_have_the_line_numbers_of_the_file() -> None:
    """Those of the service, and those of lines that were not sent."""
    refusing = b'{"accepted":1,"duplicates":0,"rejected":[{"line":2,"code":"c","message":"m"}],"sequence":1}'
    batch = Batch(lines(2).lines, [Rejection(9, "invalid_json", "no")])

    (answer,) = await fed(batch, answer=lambda _: web.Response(body=refusing))

    assert answer.rejected == [Rejection(9, "invalid_json", "no"), Rejection(12, "c", "m")]


async def test_nothing_to_send_is_not_sent() -> None:
    """A file of bad lines gets no answer from the service."""
    bad = Batch([], [Rejection(1, "invalid_json", "no")])

    (answer,) = await fed(bad, answer=lambda _: web.Response(status=500))

    assert answer.rejected == [Rejection(1, "invalid_json", "no")]


@pytest.mark.parametrize("status", [429, 503])
async def test_refusal_that_passes_is_waited_out(status: int) -> None:
    """The same batch is sent again."""
    bodies: list[bytes] = []

    def take_the_third(body: bytes) -> web.Response:
        bodies.append(body)
        return web.Response(status=status) if len(bodies) < 3 else web.Response(body=TAKEN % 1)

    answers = await fed(lines(1), answer=take_the_third)

    assert [answer.accepted for answer in answers] == [1]
    assert bodies == [bodies[0]] * 3


async def test_it_is_tried_a_bounded_number_of_times() -> None:
    """Then the error says from which line on to feed again."""
    calls: list[bytes] = []

    def refuse(body: bytes) -> web.Response:
        calls.append(body)
        return web.Response(status=503, body=b'{"error":{"code":"service_stopped","message":"the disk is full"}}')

    with pytest.raises(RequestFailed, match=r"503: the disk is full; from line 11 on nothing is known to be taken"):
        await fed(lines(1), answer=refuse)

    assert len(calls) == 3


async def test_refusal_that_stays_is_not_repeated() -> None:
    """A key that may not ingest will not be allowed to a second later."""
    calls: list[bytes] = []

    def refuse(body: bytes) -> web.Response:
        calls.append(body)
        return web.Response(status=403, body=b'{"error":{"code":"forbidden","message":"no"}}')

    with pytest.raises(RequestFailed, match="403: no"):
        await fed(lines(1), answer=refuse)

    assert len(calls) == 1


async def test_service_that_is_gone_is_named() -> None:
    """After the last try."""

    async def keep(answer: EventsAnswer, _: Batch) -> None:
        raise AssertionError(answer)

    async with ClientSession("http://127.0.0.1:1") as session:
        with pytest.raises(RequestFailed, match=r"no answer to POST /v1/events: .*; from line 11 on"):
            await feed(session, one_by_one((lines(1),)), keep)
