"""Encryption on the way, and the refusal to go without it where strangers listen."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.certificate import Certificate, self_signed
from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import connect


@pytest.fixture
def certificate(tmp_path: Path, rsa_key: RSAPrivateKey) -> Certificate:
    """A certificate for this machine."""
    return self_signed(tmp_path, rsa_key)


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey, certificate: Certificate) -> Iterator[Service]:
    """A service that encrypts."""
    service = Service(tmp_path, rsa_key, tls_cert=certificate.certificate_file, tls_key=certificate.key_file)
    service.add_key("alice")
    with service:
        yield service


async def test_reads_and_sockets_are_encrypted(service: Service, certificate: Certificate) -> None:
    """With a certificate that the client checks."""
    assert service.url.startswith("https://")
    async with (
        ClientSession() as session,
        session.get(f"{service.url}/healthz", ssl=certificate.trust) as response,
    ):
        assert response.status == 200
    async with await connect(service, service.callers["alice"], tls=certificate.trust) as socket:
        tls = socket.writer.get_extra_info("ssl_object")
        assert isinstance(tls, ssl.SSLObject)
        assert tls.version() in {"TLSv1.2", "TLSv1.3"}
        await socket.subscribe("market_positions")
        await feed(service, fill("tls-1", "alice", "TLS"))
        assert (await socket.message())["msg"]["market_ticker"] == "TLS"


def test_nothing_is_served_beyond_this_machine_without_tls(tmp_path: Path) -> None:
    """The command says what is missing, and ends as for wrong use."""
    ended = subprocess.run(
        [sys.executable, "-m", "openpositions", "serve", "--data", tmp_path, "--host", "0.0.0.0"],  # noqa: S104
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "--tls-cert" in ended.stderr
    assert "--insecure" in ended.stderr
