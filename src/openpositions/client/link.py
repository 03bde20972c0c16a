"""One way to one service: signed requests and sockets, whatever goes wrong as one of our exceptions."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from openpositions.client.one_loop import check_loop
from openpositions.client.refusals import read_retry_after, refusal
from openpositions.errors import ClientClosed, InvalidInput, RequestFailed, ServiceUnavailable
from openpositions.wire.paths import REST_PATH, SOCKET_PATH

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Coroutine, Mapping
    from pathlib import Path

    from openpositions.client.credentials import Credentials

T = TypeVar("T")

_CLOSED = "this client is closed; make another one"

_HTTP_OK, _SWITCHING_PROTOCOLS = 200, 101
_ANSWER_SECONDS = 30
_HANDSHAKE_SECONDS = 10
_CLOSE_SECONDS = 1.0

# The first portfolio frame holds every market of a user: some 200 bytes each.
_LONGEST_FRAME = 64 * 1024 * 1024

# A page has at most 1,000 rows, and the events they belong to.
_LONGEST_BODY = 16 * 1024 * 1024


class Link:
    """Asks one service on behalf of one key, or unsigned without credentials. It connects when it is first used."""

    def __init__(self, url: str, credentials: Credentials | None, tls: ssl.SSLContext | None = None) -> None:
        self._base = base_of(url)
        self._always: dict[str, str] = {}
        """Parameters of every request."""
        self._credentials = credentials
        self._tls = True if tls is None else tls
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        """The one that the session lives in."""
        self._working: set[asyncio.Future[Any]] = set()
        """What is asked for, or waited for, now."""
        self._closed = False
        self.was_answered = False
        """Whether the service has ever said something."""

    async def get(self, path: str, answer: type[T], **parameters: str | int | None) -> T:
        """The decoded answer to a read below REST_PATH; parameters that are None are left out.

        Raises RequestFailed or one of its kinds, and ClientClosed, also when that happens meanwhile.
        """
        return await self._unless_closed(self._get(path, answer, parameters))

    async def pause(self, seconds: float) -> None:
        """Waits. Raises ClientClosed, also when that happens meanwhile."""
        await self._unless_closed(asyncio.sleep(seconds))

    async def _unless_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work, which ends when the link is closed."""
        task = asyncio.ensure_future(work)
        self._working.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self._closed and task.cancelled() and not _is_cancelled():
                raise ClientClosed(_CLOSED) from None
            raise
        finally:
            self._working.discard(task)

    async def _get(self, path: str, answer: type[T], parameters: Mapping[str, str | int | None]) -> T:
        query = self._always | {name: str(value) for name, value in parameters.items() if value is not None}
        try:
            async with self._opened().get(
                self._base + REST_PATH + path, params=query, ssl=self._tls, allow_redirects=False
            ) as response:
                body = await _read(response)
                self.was_answered = True
        except RequestFailed:
            self.was_answered = True
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _no_answer(path, error, _ANSWER_SECONDS) from error
        try:
            return msgspec.json.decode(body, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RequestFailed(
                f"GET {path} was answered by something else than a positions service: {error}"
            ) from error

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """An open socket, closed on leaving. Raises RequestFailed or one of its kinds when there is none to be had."""
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                socket = await self._opened().ws_connect(
                    self._base + SOCKET_PATH,
                    # A service without extensions does not know the parameter, and ignores it.
                    params=self._always | {"wire": "2026"},
                    ssl=self._tls,
                    autoping=False,
                    max_msg_size=_LONGEST_FRAME,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _no_answer(SOCKET_PATH, error, _HANDSHAKE_SECONDS) from error
        self.was_answered = True
        async with socket:
            yield socket

    async def close(self) -> None:
        """Lets go of every connection; nothing can be asked any more. Raises ClientClosed in another event loop."""
        if self._loop is not None and not self._loop.is_closed():
            check_loop(self._loop)
        self._closed = True
        for task in self._working:
            task.cancel()
        if self._session is not None:
            await self._session.close()

    def check(self) -> None:
        """Raises ClientClosed when it is closed, or lives in another event loop than the one that runs."""
        if self._closed:
            raise ClientClosed(_CLOSED)
        if self._loop is not None:
            check_loop(self._loop)

    def _opened(self) -> aiohttp.ClientSession:
        self.check()
        if self._session is None:
            self._loop = asyncio.get_running_loop()
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                middlewares=[] if self._credentials is None else [partial(_sign, self._credentials)],
                raise_for_status=_raise_for_status,
                timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        # A kept connection may have died unnoticed, and the next request would wait for it.
        # How many there may be is for the service to say.
        return aiohttp.TCPConnector(force_close=True, limit=0)


class ControlLink(Link):
    """Asks the service on a data directory on behalf of one user. Who can open its socket file needs no key."""

    def __init__(self, socket_file: Path, user_id: str) -> None:
        super().__init__("http://localhost", None)
        self._socket_file = socket_file
        self._always = {"user_id": user_id}

    def _connector(self) -> aiohttp.BaseConnector:
        return aiohttp.UnixConnector(str(self._socket_file), force_close=True, limit=0)


def _is_cancelled() -> bool:
    """Whether somebody wants the task that runs now to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _sign(
    credentials: Credentials, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    now_ms = time.time_ns() // 1_000_000
    request.headers.update(credentials.headers(request.method, request.url.raw_path, now_ms))
    return await send(request)


async def _raise_for_status(response: aiohttp.ClientResponse) -> None:
    if response.status not in {_HTTP_OK, _SWITCHING_PROTOCOLS}:
        wanted = read_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        raise refusal(f"{response.method} {response.url.path}", response.status, await _read(response), wanted)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _LONGEST_BODY:
            raise RequestFailed(f"the answer to {response.method} {response.url.path} is longer than any that is right")
    return b"".join(parts)


def _no_answer(path: str, error: Exception, seconds: int) -> ServiceUnavailable:
    # A timeout has no text of its own.
    unsaid = f"none within {seconds} seconds" if isinstance(error, TimeoutError) else type(error).__name__
    return ServiceUnavailable(f"no answer to GET {path}: {str(error) or unsaid}")


def base_of(url: str) -> str:
    """The origin of a service, whichever of its addresses was given. Raises InvalidInput."""
    try:
        parts = urlsplit(url)
        is_origin = parts.scheme in {"http", "https", "ws", "wss"} and bool(parts.hostname) and parts.port != 0
        is_origin = is_origin and not any(character.isspace() for character in parts.netloc)
    except (ValueError, TypeError, AttributeError):
        is_origin = False
    if not is_origin:
        raise InvalidInput("url", f"url must look like https://HOST or http://HOST:PORT, not {url!r:.100}")
    if parts.path.rstrip("/") not in {"", REST_PATH, SOCKET_PATH} or parts.query or parts.username is not None:
        raise InvalidInput("url", f"url must be that of a service and nothing below it, not {url!r:.100}")
    return f"{'https' if parts.scheme in {'https', 'wss'} else 'http'}://{parts.netloc}"
