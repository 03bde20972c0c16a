"""How a command comes to the data of a directory."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.cli import attached as attaching
from openpositions.cli.attached import attached
from openpositions.errors import Misconfigured, RequestFailed
from openpositions.journal.lock import DirectoryLock
from tests.acceptance.service import Service


async def test_service_in_this_process_lets_go_of_the_directory(tmp_path: Path) -> None:
    """When the session is left."""
    async with attached(tmp_path / "data", make=True) as session, session.get("/readyz") as response:
        assert response.status == 200

    with DirectoryLock(tmp_path / "data"):
        assert not (tmp_path / "data" / "control.sock").exists()


async def test_directory_that_is_missing_is_not_made(tmp_path: Path) -> None:
    """Unless that is wanted."""
    with pytest.raises(Misconfigured, match="holds no journal"):
        async with attached(tmp_path / "data"):
            pass

    assert not (tmp_path / "data").exists()


async def test_running_service_is_asked(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """It keeps the directory."""
    with Service(tmp_path, rsa_key) as service:
        async with attached(service.data) as session, session.get("/healthz") as response:
            assert response.status == 200

        assert service.process.poll() is None


async def test_socket_of_a_service_that_died_is_not_asked(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """The file is still there, and nobody listens."""
    with Service(tmp_path, rsa_key) as service:
        service.kill()
        assert (service.data / "control.sock").exists()

        async with attached(service.data) as session, session.get("/healthz") as response:
            assert response.status == 200


async def test_holder_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names who holds the directory."""
    monkeypatch.setattr(attaching, "_START_SECONDS", 0)
    file = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        with pytest.raises(RequestFailed, match=f"process {os.getpid()} holds {tmp_path} and does not answer on "):
            async with attached(tmp_path, make=True):
                pass
    finally:
        os.close(file)


@contextmanager
def standing(service: Service) -> Iterator[None]:
    """A service that a person stopped with Control-Z: the system still accepts connections for it."""
    service.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        service.process.send_signal(signal.SIGCONT)


async def test_service_that_stands_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rsa_key: RSAPrivateKey
) -> None:
    """The error says which process it is."""
    monkeypatch.setattr(attaching, "_ANSWER_SECONDS", 0.2)

    async def attach(data: Path) -> None:
        async with attached(data):
            pass

    with (
        Service(tmp_path, rsa_key) as service,
        standing(service),
        pytest.raises(RequestFailed, match=f"process {service.process.pid} holds {service.data} and does not answer"),
    ):
        await attach(service.data)


async def test_request_to_a_service_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rsa_key: RSAPrivateKey
) -> None:
    """However long an answer may take while it is well."""
    monkeypatch.setattr(attaching, "_LOOK_SECONDS", 0.05)

    async def ask(service: Service) -> None:
        async with attached(service.data) as session:
            with standing(service):
                monkeypatch.setattr(attaching, "_ANSWER_SECONDS", 0.2)
                await session.get("/readyz")

    with (
        Service(tmp_path, rsa_key) as service,
        pytest.raises(RequestFailed, match=f"process {service.process.pid} holds {service.data} and does not answer"),
    ):
        await ask(service)
