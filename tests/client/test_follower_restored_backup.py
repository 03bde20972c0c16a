"""A service that was restored from a backup: another history, which a client must not mix up with the one it knew."""

from __future__ import annotations

import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from tests.acceptance.service import Service
from tests.client.account import Account
from tests.client.proxy import Proxy
from tests.client.watching import Watcher, until


def backed_up(service: Service, directory: Path, rsa_key: RSAPrivateKey) -> Service:
    """A service on what is stored of another that does not run now."""
    backup = Service(directory, rsa_key)
    for name in ("journal.db", "keys.db"):
        shutil.copy(service.data / name, backup.data / name)
    backup.callers = service.callers
    return backup


async def test_after_a_restored_backup_rows_are_those_of_the_backup(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """What happened since is gone: a row that grew is small again, one that was opened is flat, as if never held."""
    service = Service(tmp_path / "now", rsa_key)
    alice = service.add_key("alice")
    service.start()
    account = Account(service, "alice")
    await account.buy("A")
    await account.buy("C")
    service.stop()
    backup = backed_up(service, tmp_path / "backup", rsa_key)
    service.start()
    async with Proxy(service) as proxy, Client(proxy.url, alice.key_id, service.key_file) as client:
        portfolio = await client.portfolio()
        async with Watcher(account, client.positions()) as watcher:
            await account.buy("A")
            await account.buy("B", price="0.3000")
            await account.settle("C", "yes")
            await watcher.until_amounts(A=(20, 10, 0, 0), B=(10, 3, 0, 0), C=(0, 0, 5, 0))
            service.kill()
            proxy.service = backup
            with backup:
                await watcher.until_amounts(A=(10, 5, 0, 0), B=(0, 0, 0, 0), C=(10, 5, 0, 0))
                await until(portfolio, lambda: portfolio.exposure == 10 and not portfolio.stale)
                assert sorted(portfolio.positions) == [account.ticker("A"), account.ticker("C")]
