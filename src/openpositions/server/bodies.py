"""Reads what a request carries, as long as it keeps coming."""

import asyncio

from aiohttp import web

BODY_SECONDS = 60.0


async def read_body(request: web.Request, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body, no longer than the application takes. Raises HTTPRequestTimeout when it is not there in time."""
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"the body did not arrive within {seconds:g} s") from None
