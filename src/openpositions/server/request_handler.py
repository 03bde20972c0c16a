"""What is answered to bytes that are no request: they reach no handler and no middleware."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from openpositions.server.responses import json_response
from openpositions.wire.rest.errors import code_of_status, error_body

if TYPE_CHECKING:
    from aiohttp.web_response import StreamResponse

_LONGEST_REASON = 200


class JsonRequestHandler(web.RequestHandler):
    """The protocol of one connection, whose errors are JSON too; the library's are text that quotes what came."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> StreamResponse:
        """The answer, after which the connection is closed. Raises ConnectionError when another one has begun."""
        super().handle_error(request, status, exc, message)  # logs what is our mistake
        # Its first line says what is wrong; what follows a colon is the line that came.
        first_line = (message or HTTPStatus(status).phrase).partition("\n")[0]
        reason = first_line.partition(": b")[0].rstrip(":")[:_LONGEST_REASON]
        answer = json_response(error_body(code_of_status(status), reason), status)
        answer.force_close()
        return answer
