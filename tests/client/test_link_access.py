"""Whom the library trusts, and what a key lets it see."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.errors import NotPermitted, ServiceUnavailable
from tests.acceptance.certificate import self_signed
from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service


async def test_tls_is_checked(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """A certificate that nobody vouches for is refused; with a context that trusts it all is well."""
    certificate = self_signed(tmp_path, rsa_key)
    service = Service(tmp_path, rsa_key, tls_cert=certificate.certificate_file, tls_key=certificate.key_file)
    alice = service.add_key("alice")
    with service:
        async with Client(service.url, alice.key_id, service.key_file) as wary:
            with pytest.raises(ServiceUnavailable, match="certificate"):
                await wary.portfolio()
        async with Client(service.url, alice.key_id, service.key_file, tls=certificate.trust) as client:
            assert (await client.portfolio()).exposure == 0
            assert (await client.balance()).cash == 0


@pytest.mark.parametrize("plain", [False, True])
async def test_a_locked_key_follows_its_subaccount(tmp_path: Path, rsa_key: RSAPrivateKey, *, plain: bool) -> None:
    """From a service without extensions its number has to be given, because REST reads are of one subaccount."""
    service = Service(tmp_path, rsa_key, plain=plain, wire="2026")
    locked = service.add_key("alice", subaccount=3)
    with service:
        await feed(service, fill("t1", "alice", "FED-A", subaccount=3), fill("t2", "alice", "FED-B"))
        async with Client(service.url, locked.key_id, service.key_file, subaccounts=[3]) as client:
            portfolio = await client.portfolio()
            assert [row.subaccount for one in portfolio.positions.values() for row in one.rows] == [3]
            await feed(service, fill("t3", "alice", "FED-A", subaccount=3))
            async for totals in portfolio.changes():
                if totals.exposure == 10:
                    break
            assert totals.open_markets == 1


async def test_a_locked_key_is_told_so(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Rather than mixing up subaccounts."""
    service = Service(tmp_path, rsa_key, plain=True)
    locked = service.add_key("alice", subaccount=3)
    with service:
        async with Client(service.url, locked.key_id, service.key_file) as client:
            with pytest.raises(NotPermitted, match="sees subaccount 3 only"):
                await client.portfolio()
