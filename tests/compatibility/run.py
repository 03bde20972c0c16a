"""Every client against the real service, feature by feature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.wire.signing import generate_key
from tests.acceptance.certificate import self_signed
from tests.acceptance.http import feed
from tests.acceptance.programs import running
from tests.acceptance.service import Service
from tests.compatibility.clients import CLIENTS, Client
from tests.compatibility.features import STREAMS, Feature
from tests.compatibility.streams import observe
from tests.compatibility.values import HISTORY, named

Results: TypeAlias = dict[Feature, bool]
"""What was observed; a feature that a client lacks is not in it."""

READERS = {
    Feature.READ_POSITIONS: "positions",
    Feature.READ_FILLS: "fills",
    Feature.READ_SETTLEMENTS: "settlements",
    Feature.READ_BALANCE: "balance",
    Feature.READ_STATUS: "status",
}
_DIALECTS = {Feature.POSITIONS_2025: "2025", Feature.POSITIONS_2026: "2026"}


class Observed(NamedTuple):
    """One client's row of the table."""

    client: Client
    results: Results | None
    """None where its environment could not be made on this machine."""


class Services:
    """Services, started when they are first needed: one for each dialect, some that encrypt, one with a history."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        key = generate_key("rsa")
        assert isinstance(key, RSAPrivateKey)
        self._key, self._directory, self._stack = key, directory, stack
        self._started: dict[str, Service] = {}

    def streaming(self, client: Client, feature: Feature) -> Service:
        """The one for an observation."""
        dialect = _DIALECTS.get(feature, "both")
        name = f"{dialect}-encrypted" if client.encrypted else dialect
        return self._start(name, encrypted=client.encrypted, wire=dialect)

    async def reading(self) -> Service:
        """The one where alice has a history."""
        if "history" in self._started:
            return self._started["history"]
        service = self._start("history")
        await feed(service, *HISTORY)
        return service

    def _start(self, name: str, *, encrypted: bool = False, **settings: str) -> Service:
        if name not in self._started:
            directory = self._directory / name
            directory.mkdir()
            if encrypted:
                certificate = self_signed(directory, self._key)
                settings |= {"tls_cert": str(certificate.certificate_file), "tls_key": str(certificate.key_file)}
            service = Service(directory, self._key, **settings)
            service.add_key("alice")
            self._started[name] = self._stack.enter_context(service)
        return self._started[name]


@contextmanager
def services(directory: Path) -> Iterator[Services]:
    """Services in a directory, until the end."""
    with ExitStack() as stack:
        yield Services(directory, stack)


async def run(started: Services, on_result: Callable[[Client, Feature, bool], None]) -> list[Observed]:
    """Observes every feature of every client."""
    return [Observed(client, await _observed(started, client, on_result)) for client in CLIENTS]


async def _observed(
    started: Services, client: Client, on_result: Callable[[Client, Feature, bool], None]
) -> Results | None:
    if not client.program.python.exists():
        return None
    results: Results = {}
    answers = await _read(await started.reading(), client) if client.reads else {}
    for feature in Feature:
        if feature in client.lacks:
            continue
        if feature in STREAMS:
            service = started.streaming(client, feature)
            results[feature] = await observe(client, service, feature)
        else:
            expected = client.read_values[READERS[feature]]
            results[feature] = named(answers.get(READERS[feature]), expected) == expected
        on_result(client, feature, results[feature])
    return results


async def _read(service: Service, client: Client) -> dict[str, object]:
    async with running(service, client.reader, "alice", *client.reads[1:], quiet=True) as program:
        return await program.next_row()
