"""How this service answers over HTTP."""

from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from openpositions.errors import InvalidInput, JournalError, ServiceStopped
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS, code_of_status, error_body

_log = structlog.get_logger("openpositions.http")


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


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers every failure in JSON. Nothing of the request but its method and path is ever logged."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:  # one body, whatever there is too much of (protocol, 4)
            return json_response(TOO_MANY_REQUESTS, error.status)
        response = json_response(error_body(code_of_status(error.status), error.text or error.reason), error.status)
        for name in ("Allow",):
            if name in error.headers:
                response.headers[name] = error.headers[name]
        return response
    except ConnectionResetError:
        # The peer went away in the middle of its answer, which is no failure. What is returned reaches nobody.
        return web.Response()
    except (ServiceStopped, JournalError) as error:
        return json_response(error_body("service_stopped", str(error)), 503)
    except Exception:  # noqa: BLE001 - the last resort: the peer gets an answer, the log gets the reason
        _log.exception("request failed", method=request.method, path=request.path)
        return json_response(error_body("internal_error", "the request failed on our side"), 500)
