"""Where a service can be reached: a TCP port for everybody with a key, a socket file for the owner of the directory."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from openpositions.errors import Misconfigured
from openpositions.server.app import control_app, public_app
from openpositions.server.request_handler import JsonRequestHandler
from openpositions.server.responses import json_response
from openpositions.server.stalled_answers import StalledAnswers
from openpositions.wire.rest.errors import error_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path
    from typing import Any

    from openpositions.server.service import Service
    from openpositions.server.settings import Settings

_Serve: TypeAlias = "Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]"

CONTROL_SOCKET = "control.sock"

# What a path of a socket file may have at most (sockaddr_un), less its end.
_LONGEST_SOCKET_PATH = 107


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[str]:
    """Accepts connections on the port of the settings; gives the URL. Raises Misconfigured when it cannot."""
    settings = service.settings
    runner = await _runner(public_app(service), service)
    accepting = None
    try:
        try:
            accepting = await asyncio.get_running_loop().create_server(
                _protocols(runner, service), settings.host, settings.port, ssl=_tls(settings), backlog=1024
            )
        except OSError as error:
            raise Misconfigured(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
        host, port = accepting.sockets[0].getsockname()[:2]
        scheme = "https" if settings.tls_cert else "http"
        yield f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
    finally:
        if accepting is not None:
            accepting.close()
        await runner.cleanup()


@asynccontextmanager
async def controllable(service: Service) -> AsyncIterator[Path]:
    """Accepts the owner's requests on DATA/control.sock; gives its path. Raises Misconfigured when it cannot."""
    path = service.settings.data.absolute() / CONTROL_SOCKET
    if len(bytes(path)) > _LONGEST_SOCKET_PATH:
        raise Misconfigured(f"--data {service.settings.data}: the path of a socket file in it is too long; shorten it")
    path.unlink(missing_ok=True)  # the lock on the directory proves that nobody listens there
    runner = await _runner(control_app(service), service)
    try:
        await web.UnixSite(runner, str(path)).start()
        path.chmod(0o600)
        yield path
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)


async def _runner(app: web.Application, service: Service) -> web.AppRunner:
    settings = service.settings
    stalled = StalledAnswers(settings.stall_seconds, service.duties)
    app.cleanup_ctx.append(stalled.sweeping)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=2.0, **_handling(settings))
    await runner.setup()
    if runner.server is not None:
        runner.server.request_handler = stalled.watching(_refuse_expectations(runner.server.request_handler))
    return runner


def _handling(settings: Settings) -> dict[str, Any]:
    """How a connection is handled, whichever way it came."""
    return {
        "access_log": None,
        "logger": _log,
        # Compressed bodies are refused, so that a small body never becomes a large one.
        "auto_decompress": False,
        "keepalive_timeout": settings.request_seconds,
    }


def _protocols(runner: web.AppRunner, service: Service) -> Callable[[], asyncio.Protocol]:
    """What makes the protocol of a new connection. In a sandbox the faults stand between it and the socket."""
    if runner.server is None:
        raise RuntimeError("the runner was not set up")
    loop = asyncio.get_running_loop()
    make = partial(JsonRequestHandler, runner.server, loop=loop, **_handling(service.settings))
    return make if service.faults is None else partial(service.faults.protocol, make)


def _refuse_expectations(serve: _Serve) -> _Serve:
    """Refuses what a request expects besides 100-continue (RFC 9110, 10.1.1).

    aiohttp does so before any middleware, quotes the value, and fails if it is not UTF-8.
    """

    async def serve_others(request: web.BaseRequest) -> web.StreamResponse:
        expectation = request.headers.get("Expect")
        if expectation and expectation.lower() != "100-continue":
            return json_response(error_body("expectation_failed", "Expect must be 100-continue, or absent"), 417)
        return await serve(request)

    return serve_others


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether what aiohttp reports is our mistake. Of every malformed request it logs a traceback that quotes it."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_log = logging.getLogger("openpositions.aiohttp")
_log.addFilter(_is_ours)


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"--tls-cert {settings.tls_cert} and --tls-key: {error}") from error
    return context
