"""Which service a command talks to: the one on a data directory, or one over the network that it signs for."""

from __future__ import annotations

import os
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import aiohttp

from openpositions.cli.attached import attached
from openpositions.cli.inputs import read_option
from openpositions.cli.options import refuse_empty
from openpositions.client.credentials import Credentials, load_credentials
from openpositions.client.link import base_of
from openpositions.errors import InvalidInput, Misconfigured
from openpositions.wire.rest.parameters import parse_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_SECONDS_AN_ANSWER = 120


class Remote(NamedTuple):
    """A service over the network."""

    url: str
    credentials: Credentials


def choose_target(data: Path | None, url: str | None, key_id: str | None, key_file: Path | None) -> Path | Remote:
    """The data directory or the remote service that the flags name, or else the variables.

    Raises Misconfigured.
    """
    if data and url:
        raise Misconfigured("give --data or --url, not both")
    if not (data or url):
        stated = os.environ.get("OPENPOSITIONS_DATA")
        data = Path(stated) if stated else None
        url = None if data else os.environ.get("OPENPOSITIONS_URL")
    if data:
        return data
    if not url:
        raise Misconfigured("give --data DIR, or --url URL with --key-id and --key-file")
    return _remote(url, key_id, key_file)


def _remote(url: str, key_id: str | None, key_file: Path | None) -> Remote:
    if not url.startswith(("http://", "https://")):
        raise Misconfigured(f"--url must begin with http:// or https://, not be {url!r}")
    if not (key_id and key_file):
        raise Misconfigured("--url needs --key-id and --key-file, to sign what is asked")
    try:
        origin = base_of(url)
        credentials = load_credentials(key_id, read_option("--key-file", key_file))
    except InvalidInput as error:
        option = {"url": "--url", "key_id": "--key-id", "private_key": f"--key-file {key_file}"}[error.field]
        raise Misconfigured(f"{option}{str(error).removeprefix(error.field)}") from None
    return Remote(origin, credentials)


def check_user(target: Path | Remote, user: str | None) -> None:
    """Whose rows are read is said beside a data directory, and only there. Raises Misconfigured, and InvalidInput."""
    if isinstance(target, Path) != (user is not None):
        raise Misconfigured("--user goes with --data, which needs it; over --url a key sees the rows of its own user")
    refuse_empty("--user", user)
    parse_name({"--user": user or ""}, "--user")


def _now_ms(_: str) -> int:
    """The same for every path."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def reached(
    target: Path | Remote, *, make: bool = False, now_ms: Callable[[str], int] = _now_ms
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with the service, whose requests are signed where that is needed; `make` is for a data directory.

    `now_ms` tells the time that a request to a path is signed with.
    """
    if isinstance(target, Path):
        async with attached(target, make=make) as session:
            yield session
        return

    async def add_signature(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        path = request.url.raw_path
        request.headers.update(target.credentials.headers(request.method, path, now_ms(path)))
        return await send(request)

    timeout = aiohttp.ClientTimeout(total=_SECONDS_AN_ANSWER)
    async with aiohttp.ClientSession(target.url, middlewares=[add_signature], timeout=timeout) as session:
        yield session
