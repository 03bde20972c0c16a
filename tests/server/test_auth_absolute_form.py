"""Requests that name a whole URL, as proxies send them (RFC 9112, 3.2.2): what is signed is their path all the same."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.server.live import live

BALANCE = "/trade-api/v2/portfolio/balance"
CAFE = "/v1/keys/caf%C3%A9"


@pytest.mark.parametrize(
    ("method", "target", "signed", "status"),
    [
        ("GET", f"http://elsewhere:80{BALANCE}", BALANCE, 200),
        ("GET", f"https://elsewhere{BALANCE}?subaccount=2", BALANCE, 200),
        ("DELETE", f"http://elsewhere{CAFE}", CAFE, 404),  # signed as it was sent, and there is no such key
        ("GET", f"http://elsewhere{BALANCE}", f"http://elsewhere{BALANCE}", 401),
        ("GET", f"http://elsewhere{BALANCE}", "/v1/rows", 401),
        ("GET", f"http://elsewhere?{BALANCE}", BALANCE, 401),
    ],
)
async def test_path_of_a_whole_url_is_what_is_signed(
    tmp_path: Path, rsa_key: RSAPrivateKey, method: str, target: str, signed: str, status: int
) -> None:
    """Not the URL, not its query, and no other path."""
    async with live(tmp_path, rsa_key) as service:
        caller = service.caller("alice", "read", "admin")
        headers = "".join(f"{name}: {value}\r\n" for name, value in caller.headers(method, signed).items())
        reader, writer = await asyncio.open_connection(service.host, service.port)
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: here\r\n{headers}\r\n".encode())
        async with asyncio.timeout(5):
            line = await reader.readline()
        writer.transport.abort()

    assert line.split()[1] == b"%d" % status
