"""What a peer can make the service hold: no more than a small multiple of what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import ask, feed, fill
from tests.acceptance.service import Service

BODY_BYTES = 16 << 20
# The body as it arrives and as it is read, and what splitting it takes.
MOST_BYTES = 6 * BODY_BYTES


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service that has taken one fill."""
    with Service(tmp_path, rsa_key) as service:
        yield service


def peak_bytes(service: Service) -> int:
    """The most memory that it ever held."""
    status = Path(f"/proc/{service.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell the most memory that a process held")
    (line,) = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


async def test_bodies_of_millions_of_tiny_pieces_take_little_memory(service: Service) -> None:
    """They are refused, or taken for one bad event, piece by piece; and events go on being taken."""
    elements = b"[" + b"0," * (BODY_BYTES // 2 - 2) + b"0]"
    element_of_elements = b"[[" + b"0," * (BODY_BYTES // 8) + b"0]]"
    lines = b"xy\n" * (BODY_BYTES // 3)
    await feed(service, fill("t1", "alice", "RAIN"))
    before_bytes = peak_bytes(service)

    answers = [
        await ask(service, service.callers["feeder"], "POST", "/v1/events", BytesIO(body))
        for body in (elements, element_of_elements, lines)
    ]

    assert [answer.status for answer in answers] == [400, 200, 400]
    assert len(answers[1].content["rejected"]) == 1
    assert peak_bytes(service) - before_bytes < MOST_BYTES
    await feed(service, fill("t2", "alice", "RAIN"))
