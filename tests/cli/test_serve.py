"""`openpositions serve`, as the process that an operator starts and stops."""

import json
import signal
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSCloseCode, WSMsgType
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import ask
from tests.acceptance.service import STOP_SECONDS, Service
from tests.cli.commands import program

SOCKET = "/trade-api/ws/v2"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_ready_service_answers_until_it_is_told_to_stop(
    tmp_path: Path, rsa_key: RSAPrivateKey, number: signal.Signals
) -> None:
    """It accepts when it says ready, and either signal ends it well."""
    with Service(tmp_path, rsa_key) as service:
        assert (await ask(service, None, "GET", "/readyz")).status == 200

        service.process.send_signal(number)

        assert service.process.wait(STOP_SECONDS) == 0


async def test_clients_hear_of_a_planned_stop(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """By the close code that tells them to come back."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        async with (
            ClientSession() as session,
            session.ws_connect(service.url + SOCKET, headers=alice.headers("GET", SOCKET)) as socket,
        ):
            service.process.send_signal(signal.SIGTERM)

            message = await socket.receive()

        assert (message.type, message.data) == (WSMsgType.CLOSE, WSCloseCode.SERVICE_RESTART)


def test_second_service_on_a_directory_is_refused(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """With one line and exit code 1; the first one goes on."""
    with Service(tmp_path, rsa_key) as service:
        second = program("serve", "--data", service.data, "--port", "0")

        assert (second.code, second.out) == (1, "")
        complaint = f"{service.data} is in use by another process; stop that one first, or name another directory"
        assert second.err == f"openpositions: {complaint}\n"
        assert service.process.poll() is None


def test_port_in_use_is_said(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """By host and port."""
    with Service(tmp_path, rsa_key) as service:
        second = program("serve", "--data", tmp_path / "other", "--port", service.port)

        assert (second.code, second.out) == (2, "")
        assert f"openpositions: cannot listen on 127.0.0.1:{service.port}: " in second.err


def test_logs_are_lines_of_json(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """On stderr, where it is no terminal."""
    with Service(tmp_path, rsa_key) as service:
        service.stop()

    events = [json.loads(line)["event"] for line in service.log.read_text(encoding="utf-8").splitlines()]

    assert events == ["serving", "stopping"]


def test_settings_of_the_directory_count(tmp_path: Path) -> None:
    """A bad file is refused by its name before anything starts."""
    (tmp_path / "config.toml").write_text("prot = 1", encoding="utf-8")

    refused = program("serve", "--data", tmp_path)

    assert refused.code == 2
    assert refused.err.startswith(f"openpositions: {tmp_path}/config.toml sets 'prot', which is no setting; ")
