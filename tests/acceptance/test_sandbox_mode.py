"""`openpositions serve --sandbox`, and who may make faults (reference, "Faults")."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.http import ask, feed, fill, until_started
from tests.acceptance.sandbox import Sandbox
from tests.acceptance.service import STOP_SECONDS, Service
from tests.acceptance.websocket import connect

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from openpositions.testing.sandbox_server import SandboxServer


@pytest.fixture
def sandbox(openpositions_server: SandboxServer) -> Sandbox:
    """A sandbox that is told of faults by posts."""
    return Sandbox(openpositions_server, over_http=True)


async def test_restart_of_a_process_keeps_its_port(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """The process goes on, says goodbye with 1012, and has all that it had; then it ends as any other."""
    service = Service(tmp_path, rsa_key)
    service.flags = ("--sandbox",)
    alice, admin = service.add_key("alice"), service.add_key("admin", scopes=frozenset({"admin"}))
    with service:
        await feed(service, fill("t1", "alice", "RAIN"))
        async with await connect(service, alice) as socket:
            await socket.subscribe("market_positions")
            answer = await ask(service, admin, "POST", "/v1/faults", b'{"fault":"restart"}')
            assert (answer.status, answer.content) == (200, {"faults": [], "starts": 1})
            assert await socket.close_code() == 1012
        await until_started(service, admin, 2)
        rows = await ask(service, alice, "GET", "/trade-api/v2/portfolio/positions")
        assert [row["ticker"] for row in rows.content["market_positions"]] == ["RAIN"]
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(STOP_SECONDS) == 0


async def test_service_that_is_no_sandbox_has_no_faults(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """The path is not there, whatever the key may do."""
    service = Service(tmp_path, rsa_key)
    admin = service.add_key("admin", scopes=frozenset({"admin", "ingest", "read"}))
    with service:
        answers = [
            await ask(service, admin, method, "/v1/faults", b'{"fault":"pause"}')
            for method in ("GET", "POST", "DELETE")
        ]

    assert [(answer.status, answer.content["error"]["code"]) for answer in answers] == [(404, "not_found")] * 3


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_faults_need_the_scope_admin(sandbox: Sandbox, method: str) -> None:
    """Whoever may feed and read may not break."""
    other = sandbox.server.key("feeder", scopes=["ingest", "read"])
    answer = await ask(sandbox, other, method, "/v1/faults", b'{"fault":"pause"}')

    assert (answer.status, answer.content["error"]["code"]) == (403, "forbidden")
    assert sandbox.server.faults == []


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"fault": "delay_frames", "ms": -1}, "invalid_ms", "ms must be an integer from 0 to 60000, not -1"),
        ({"fault": "crash"}, "unknown_fault", "fault must be one of drop_connections, reject_handshakes, "),
        (
            {"fault": "expire_key", "key_id": "k"},
            "invalid_key_id",
            'key_id must be the id of a key of this service, not "k"',
        ),
        ([{"fault": "pause"}, {"fault": "dialect"}], "missing_field", "fault 2: wire is missing"),
    ],
)
async def test_bad_body_is_answered_with_400_and_makes_nothing(
    sandbox: Sandbox, body: object, code: str, message: str
) -> None:
    """The field, its value and what is allowed; of an array all or nothing is made."""
    answer = await sandbox.post(body)
    error = answer.content["error"]

    assert (answer.status, error["code"], sandbox.server.faults) == (400, code, [])
    assert error["message"].startswith(message)


async def test_body_is_bounded(sandbox: Sandbox) -> None:
    """64 KiB say everything that can be said."""
    answer = await ask(sandbox, sandbox.admin, "POST", "/v1/faults", b" " * 65_537)

    assert answer.status == 400
    assert answer.content["error"]["message"] == "a body of faults has at most 65536 bytes, this one 65537"


async def test_keys_expire_up_to_a_limit(sandbox: Sandbox) -> None:
    """What is remembered is bounded; the same one again takes no more room."""
    for start in range(0, 1_000, 100):
        assert (
            await sandbox.post([{"fault": "expire_key", "user_id": f"u{start + n}"} for n in range(100)])
        ).status == 200
    again = await sandbox.post({"fault": "expire_key", "user_id": "u0"})
    another = await sandbox.post({"fault": "expire_key", "user_id": "another"})

    assert (again.status, another.status) == (200, 400)
    assert json.loads(another.body)["error"]["message"].startswith("1000 keys are expired already")
