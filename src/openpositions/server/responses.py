"""How this service answers over HTTP."""

from aiohttp import web
from aiohttp.typedefs import Handler

from openpositions.errors import InvalidInput
from openpositions.wire.rest_errors import error_body


def json_response(body: bytes, status: int = 200) -> web.Response:
    """A response of encoded JSON."""
    return web.Response(body=body, status=status, content_type="application/json")


@web.middleware
async def answer_invalid_input(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 400 where a handler raised InvalidInput: code and message say which parameter is wrong, and how."""
    try:
        return await handler(request)
    except InvalidInput as error:
        return json_response(error_body(error.code, str(error)), 400)
