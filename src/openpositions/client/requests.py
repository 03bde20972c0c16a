"""A request to a service, and what its answer says."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec

from openpositions.client.refusals import refusal
from openpositions.errors import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


async def ask(  # noqa: PLR0913 - the parts of a request
    session: aiohttp.ClientSession,
    method: str,
    path: str,
    answer: type[T],
    *,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> T:
    """The decoded answer. Raises RequestFailed when there is none, or another than 200."""
    data = None if body is None else BytesIO(body)  # as a stream: aiohttp would write long bytes in one go
    try:
        async with session.request(method, path, params=query, data=data, allow_redirects=False) as response:
            content = await response.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RequestFailed(f"no answer to {method} {path}: {error or type(error).__name__}") from error
    if response.status != HTTPStatus.OK:
        raise refusal(f"{method} {path}", response.status, content)
    try:
        return msgspec.json.decode(content, type=answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RequestFailed(f"{method} {path} was answered by something else than openpositions: {error}") from error
