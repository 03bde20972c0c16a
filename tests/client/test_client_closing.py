"""A client that is closed while somebody waits for it: whoever does is told at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

import openpositions
from openpositions.errors import ClientClosed
from openpositions.sync import Client
from openpositions.testing.sandbox_server import SandboxServer
from openpositions.wire.signing import format_private_key
from tests.client.watching import PATIENCE_SECONDS

pytestmark = pytest.mark.timeout(60)

ROUNDS = 10


class Silence:
    """A service that takes connections, and never says a word."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(PATIENCE_SECONDS)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._taken: list[socket.socket] = []

    def until_asked(self) -> None:
        """Returns when somebody has connected and sent something."""
        taken, _ = self._listening.accept()
        self._taken.append(taken)
        taken.settimeout(PATIENCE_SECONDS)
        assert taken.recv(1)

    def end(self) -> None:
        """Hangs up."""
        for one in (self._listening, *self._taken):
            one.close()


@pytest.fixture
def silence() -> Iterator[Silence]:
    """Such a service."""
    silence = Silence()
    yield silence
    silence.end()


class Waiting(threading.Thread):
    """Somebody who waits in a thread, and what that came to."""

    def __init__(self, wait: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._wait = wait
        self.raised: BaseException | None = None

    def run(self) -> None:
        """Waits."""
        try:
            self._wait()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.raised = error

    def outcome(self) -> BaseException | None:
        """What was raised, once the wait is over."""
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive(), "still waiting after the client was closed"
        return self.raised


@pytest.mark.parametrize(
    ("wait", "raised"),
    [
        (lambda client: client.balance(), ClientClosed),
        (lambda client: list(client.fills()), ClientClosed),
        (lambda client: list(client.settlements()), ClientClosed),
        (lambda client: client.portfolio(), ClientClosed),
        (lambda client: next(client.positions()), StopIteration),
    ],
    ids=["balance", "fills", "settlements", "portfolio", "positions"],
)
def test_a_thread_that_waits_is_let_go(
    silence: Silence,
    rsa_key: RSAPrivateKey,
    caplog: pytest.LogCaptureFixture,
    wait: Callable[[Client], object],
    raised: type[BaseException],
) -> None:
    """An iterator of rows ends; everything else says that the client is closed. Nothing else is heard of it."""
    client = Client(silence.url, "key-1", format_private_key(rsa_key))
    waiting = Waiting(lambda: wait(client))
    waiting.start()
    silence.until_asked()
    client.close()

    assert type(waiting.outcome()) is raised
    assert caplog.messages == []


@pytest.mark.parametrize("read", ["balance", "fills"])
async def test_a_coroutine_that_waits_is_let_go(silence: Silence, rsa_key: RSAPrivateKey, read: str) -> None:
    """It need not wait for an answer that nobody hears any more."""
    client = openpositions.Client(silence.url, "key-1", format_private_key(rsa_key))
    waiting = asyncio.ensure_future(client.balance() if read == "balance" else anext(client.fills()))
    await asyncio.to_thread(silence.until_asked)
    await client.close()
    with pytest.raises(ClientClosed, match="this client is closed; make another one"):
        await asyncio.wait_for(waiting, PATIENCE_SECONDS)


async def test_a_wait_that_is_cancelled_is_cancelled(silence: Silence, rsa_key: RSAPrivateKey) -> None:
    """That is for whoever cancelled it, also when the client is closed in the same moment."""
    client = openpositions.Client(silence.url, "key-1", format_private_key(rsa_key))
    waiting = asyncio.create_task(client.balance())
    await asyncio.to_thread(silence.until_asked)
    waiting.cancel()
    await client.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_pages_that_come_while_the_client_is_closed(
    openpositions_server: SandboxServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Whenever that is: between two pages, or in the middle of one."""
    fills = [
        {
            "trade_id": f"t{number}",
            "user_id": "alice",
            "market_ticker": "RAIN",
            "outcome_side": "yes",
            "yes_price_dollars": "0.5",
            "count_fp": "1",
        }
        for number in range(5_000)
    ]
    openpositions_server.feed(*({"type": "fill", "msg": fill} for fill in fills))
    key = openpositions_server.key("alice")
    for some in range(ROUNDS):
        client = Client(openpositions_server.url, key.key_id, key.private_key)
        taken = threading.Semaphore(0)

        def page(client: Client = client, taken: threading.Semaphore = taken) -> None:
            while True:
                for _ in client.fills():
                    taken.release()

        waiting = Waiting(page)
        waiting.start()
        for _ in range(1 + some * 300):
            assert taken.acquire(timeout=PATIENCE_SECONDS)
        client.close()
        assert isinstance(waiting.outcome(), ClientClosed)
    assert caplog.messages == []


def test_looks_at_a_portfolio_go_on(openpositions_server: SandboxServer) -> None:
    """A thread that looks at it while another closes the client sees what was shown last."""
    openpositions_server.fill("alice", "RAIN")
    key = openpositions_server.key("alice")
    for _ in range(ROUNDS):
        client = Client(openpositions_server.url, key.key_id, key.private_key)
        portfolio = client.portfolio()
        enough = threading.Event()

        def look(enough: threading.Event = enough, portfolio: openpositions.sync.Portfolio = portfolio) -> None:
            while not enough.is_set():
                assert portfolio.positions["RAIN"].position == 10

        waiting = Waiting(look)
        waiting.start()
        client.close()
        enough.set()
        assert waiting.outcome() is None
        assert portfolio.stale
