"""The real service, as a process of its own, and the keys of those who call it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol, Self
from urllib.parse import urlsplit

from psutil import Process

from openpositions.server.keys import KeyStore, NewKey
from openpositions.wire.signing import PrivateKey, format_private_key, format_public_key, sign, signed_text

START_SECONDS = STOP_SECONDS = 60


class Address(Protocol):
    """Where a service is."""

    @property
    def url(self) -> str:
        """Its URL."""
        ...

    @property
    def host(self) -> str:
        """Its address."""
        ...

    @property
    def port(self) -> int:
        """Its port."""
        ...


class Signer(Protocol):
    """Somebody who signs requests."""

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The three headers that sign a request made now."""
        ...


class Caller(NamedTuple):
    """Somebody with a key."""

    user_id: str
    key_id: str
    private_key: PrivateKey

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The three headers that sign a request made now."""
        timestamp = str(now_ms())
        return {
            "KALSHI-ACCESS-KEY": self.key_id,
            "KALSHI-ACCESS-TIMESTAMP": timestamp,
            "KALSHI-ACCESS-SIGNATURE": sign(self.private_key, signed_text(timestamp, method, path)),
        }


class Service:
    """`openpositions serve` on a data directory; in a `with` statement it runs, and is stopped as planned at the end.

    `settings` are those of the service. What it has to say is in `log`. One private key signs for everybody, under a
    key id each.
    """

    def __init__(self, directory: Path, private_key: PrivateKey, **settings: object) -> None:
        self.data = directory / "data"
        self.log = directory / "service.log"
        self.key_file = directory / "key.pem"
        self.file_bytes = resource.RLIM_INFINITY
        """How long the files that it writes may become."""
        self.flags: tuple[str, ...] = ()
        """Of `openpositions serve`, besides the settings."""
        self.callers: dict[str, Caller] = {}
        self._private_key = private_key
        self._settings = settings
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.key_file.write_text(format_private_key(private_key), encoding="ascii")
        self.add_key("feeder", scopes=frozenset({"ingest"}))

    def add_key(
        self, user_id: str, *, scopes: frozenset[str] = frozenset({"read"}), subaccount: int | None = None
    ) -> Caller:
        """A key for a user; from then on also `callers[user_id]`. The service must not be running."""
        store = KeyStore(self.data / "keys.db", now_ms)
        public_key = format_public_key(self._private_key.public_key())
        key = store.add(NewKey(user_id=user_id, scopes=scopes, public_key=public_key, subaccount=subaccount))
        store.close()
        self.callers[user_id] = Caller(user_id, key.key_id, self._private_key)
        return self.callers[user_id]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.stop()

    def start(self) -> None:
        """Returns when it accepts connections."""
        environment = {f"OPENPOSITIONS_{name.upper()}": str(value) for name, value in self._settings.items()}
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (self.file_bytes, self.file_bytes))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "openpositions", "serve", "--data", self.data, "--port", "0", *self.flags],
                env=os.environ | environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=limit,  # noqa: PLW1509 - a system call, which needs no lock
            )
        assert self.process.stdout is not None
        with self.process.stdout as output:
            line = output.readline()
        assert line.startswith("ready "), self.log.read_text(encoding="utf-8")
        self.url = line.split()[1]
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname or "", parts.port or 0

    def stop(self) -> int:
        """Stops it as an operator would; its exit status."""
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Ends it in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def memory_bytes(self) -> int:
        """The memory that it holds now."""
        return int(Process(self.process.pid).memory_info().rss)

    def cpu_seconds(self) -> float:
        """The time that it has computed."""
        times = Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
