"""What is made of the answer to a request."""

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from openpositions.client.requests import ask
from openpositions.errors import RequestFailed


async def answered(response: web.Response) -> object:
    """What is made of one answer."""

    async def handle(_: web.Request) -> web.Response:
        return response

    app = web.Application()
    app.router.add_get("/x", handle)
    async with TestServer(app) as server, ClientSession(server.make_url("/")) as session:
        return await ask(session, "GET", "/x", dict[str, int])


async def test_answer_is_decoded() -> None:
    """In the type that was asked for."""
    assert await answered(web.Response(text='{"a":1}')) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"error":{"code":"c","message":"why"}}', "why"),
        ('{"error":{"code":"c","message":"why","details":"HOW"}}', "why (HOW)"),
        ('{"error":"too many requests"}', "too many requests"),
        ("<html>", "'<html>'"),
    ],
)
async def test_refusal_says_why(body: str, reason: str) -> None:
    """In whatever form it came."""
    with pytest.raises(RequestFailed) as refused:
        await answered(web.Response(status=418, text=body))

    assert (str(refused.value), refused.value.status) == (f"GET /x was refused with 418: {reason}", 418)


async def test_redirect_is_not_followed() -> None:
    """Its signature would be wrong there."""
    with pytest.raises(RequestFailed, match="was refused with 302"):
        await answered(web.Response(status=302, headers={"Location": "/x"}))


async def test_answer_of_something_else_is_said() -> None:
    """Another program may listen there."""
    with pytest.raises(RequestFailed, match="was answered by something else than openpositions"):
        await answered(web.Response(text="hello"))
