"""A body that does not arrive in time is waited for as long as the operator says, wherever it was to go."""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.listen import controllable
from openpositions.server.routes.operations import OPERATIONS
from openpositions.server.sandbox.faults import Faults
from tests.server.live import live

SECONDS = 0.2
TOO_SLOW = {"error": {"code": "request_timeout", "message": "the body did not arrive within 0.2 s"}}


async def answer_to_a_promise(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: dict[str, str]
) -> tuple[bytes, object]:
    """The status line and the body that answer a request whose body never comes."""
    lines = [f"POST {path} HTTP/1.1", "Host: here", "Content-Length: 10"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        (length,) = (int(line.split()[1]) for line in head if line.startswith(b"Content-Length:"))
        body = await reader.readexactly(length)
    writer.transport.abort()
    return head[0], json.loads(body)


@pytest.mark.parametrize("path", [endpoint.path for endpoint, operation in OPERATIONS.items() if operation.body])
async def test_body_that_does_not_come_is_408(tmp_path: Path, rsa_key: RSAPrivateKey, path: str) -> None:
    """On every path that takes one, after `request_seconds`."""
    async with live(tmp_path, rsa_key, faults=Faults(), request_seconds=SECONDS) as service:
        caller = service.caller("alice", "ingest", "admin")
        reader, writer = await asyncio.open_connection(service.host, service.port)

        answer = await answer_to_a_promise(reader, writer, path, caller.headers("POST", path))

    assert answer == (b"HTTP/1.1 408 Request Timeout", TOO_SLOW)


async def test_body_of_the_owner_that_does_not_come_is_408(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """On the socket file, too."""
    async with live(tmp_path, rsa_key, request_seconds=SECONDS) as service, controllable(service.service) as path:
        reader, writer = await asyncio.open_unix_connection(path)

        answer = await answer_to_a_promise(reader, writer, "/v1/keys/import", {})

    assert answer == (b"HTTP/1.1 408 Request Timeout", TOO_SLOW)
