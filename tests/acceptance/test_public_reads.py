"""Programs written for the venue, unmodified but for the address, read the portfolio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed
from tests.acceptance.programs import Program, running
from tests.acceptance.service import Service
from tests.compatibility.values import HISTORY, READ_INTEGERS, READ_TEXTS, named


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service where alice has a history."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    service.add_key("alice")
    with service:
        asyncio.run(feed(service, *HISTORY))
        yield service


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (Program("pykalshi-2.0.0", "pykalshi_reads"), READ_TEXTS),
        (Program("pykalshi-0.3.7", "pykalshi_reads"), READ_INTEGERS),
        (Program("kalshi-python-unofficial-0.0.1", "unofficial_reads"), READ_TEXTS),
        (Program("kalshi-python-unofficial-0.0.1", "unofficial_reads"), READ_INTEGERS),
    ],
    ids=["pykalshi 2.0.0", "pykalshi 0.3.7", "unofficial, texts", "unofficial, integers"],
)
async def test_a_program_reads_the_portfolio(service: Service, program: Program, expected: dict[str, Any]) -> None:
    """Positions, fills, settlements and balance, parsed by the models of the client where it has some."""
    async with running(service, program, "alice") as reading:
        answers = await reading.next_row()
    assert {read: named(answers[read], rows) for read, rows in expected.items()} == expected
