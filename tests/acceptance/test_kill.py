"""`kill -9` at random moments under load: nothing acknowledged is lost, and nothing counts twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.acceptance.http import ask, ndjson
from tests.acceptance.lanes import Lane, Post, Row, row_from
from tests.acceptance.service import Caller, Service
from tests.acceptance.websocket import WebSocket, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SEED = 20_231_213
ROUNDS = 20
LANES = 4
MOST_ANSWERS = 25

# Each must have been answered under load; otherwise surviving it would prove little.
REQUIRED = {
    *(("Fill", answer) for answer in ("accepted", "duplicate", "conflict")),
    *((kind, "accepted") for kind in ("Adjustment", "Bust", "Cash", "Settlement")),
    ("Adjustment", "duplicate"),
}


class Feeder:
    """Posts in every lane until the service is gone, and knows what has to come of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.lanes = [Lane(f"lane{number}", SEED + number) for number in range(LANES)]
        self.acknowledged_sequence = 0
        self.accepted_count = 0
        """Of all that was ever posted: each becomes one entry."""
        self.met: Counter[tuple[str, str]] = Counter()
        """The kinds of the events that were answered under load, with the answers."""
        self._unanswered: dict[Lane, Post] = {}
        self._answers_left = 0

    async def feed(self, answers: int, then: Callable[[], None]) -> None:
        """Posts in all lanes at once; after so many answers does `then`, and goes on until the connections break."""
        self._answers_left = answers
        async with ClientSession() as session:
            await asyncio.gather(*(self._feed(lane, session, then) for lane in self.lanes))
        assert self._answers_left <= 0, self.service.log.read_text(encoding="utf-8")

    async def repeat(self) -> None:
        """Posts again what was not answered: all of it was taken then, or nothing."""
        async with ClientSession() as session:
            for lane, post in list(self._unanswered.items()):
                answer = await self._post(session, post)
                assert answer in (post.summary(again=False), post.summary(again=True)), post
                del self._unanswered[lane]

    async def _feed(self, lane: Lane, session: ClientSession, then: Callable[[], None]) -> None:
        while True:
            post = self._unanswered[lane] = lane.post()
            self.accepted_count += post.answers.count("accepted")
            try:
                answer = await self._post(session, post)
            except (ClientError, ConnectionError):
                return
            if answer is None:
                return
            assert answer == post.summary(again=False), post
            del self._unanswered[lane]
            self.met.update(post.kinds)
            self._answers_left -= 1
            if self._answers_left == 0:
                then()

    async def _post(self, session: ClientSession, post: Post) -> dict[str, Any] | None:
        """The answer; None when the service says that it is stopping."""
        feeder = self.service.callers["feeder"]
        answer = await ask(self.service, feeder, "POST", "/v1/events", ndjson(post.messages), session=session)
        if answer.status == 503:
            return None
        content: dict[str, Any] = answer.content
        self.acknowledged_sequence = max(self.acknowledged_sequence, content.pop("sequence"))
        content["rejected"] = [(one["line"], one["code"]) for one in content["rejected"]]
        return content


@pytest.fixture
def service(tmp_path: Path, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service that was not started. In the end it does not run, whatever happened."""
    service = Service(tmp_path, rsa_key)
    yield service
    service.kill()


@pytest.mark.timeout(600)  # 25 s on a machine that has nothing else to do
async def test_killed_at_any_moment_the_service_goes_on_where_it_was(service: Service) -> None:
    """20 times on one directory; every fourth time while it is stopping, which is when it saves a checkpoint.

    The moments are counted in answers, so that they are the same on every machine.
    """
    feeder = Feeder(service)
    for lane in feeder.lanes:
        for user in lane.users:
            service.add_key(user)
    moments = Random(SEED)
    for turn in range(ROUNDS):
        service.start()
        await everything_is_there(feeder)
        stopping = turn % 4 == 3
        await feeder.feed(moments.randint(1, MOST_ANSWERS), service.process.terminate if stopping else service.kill)
        if stopping:
            await saving_begins(service)
            service.kill()
    with service:
        await everything_is_there(feeder)
        for lane in feeder.lanes:
            for user in lane.users:
                assert await balance(service, service.callers[user]) == lane.balance_of(user)
    verified = await asyncio.to_thread(verify, service.data)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout
    assert REQUIRED - feeder.met.keys() == set()


async def saving_begins(service: Service) -> None:
    """Waits until something of a checkpoint is written, or the service has ended."""
    log = service.data / "checkpoint.db-wal"
    before = size(log)
    while service.process.poll() is None and size(log) == before:  # noqa: ASYNC110 - happens in another process
        await asyncio.sleep(0)


def size(file: Path) -> int | None:
    """How many bytes a file has; None when it is not there."""
    with suppress(FileNotFoundError):
        return file.stat().st_size
    return None


async def everything_is_there(feeder: Feeder) -> None:
    """The entries that were acknowledged; and when what was not is fed again, exactly all of it, once."""
    service = feeder.service
    ready = await ask(service, None, "GET", "/readyz")
    assert ready.content["sequence"] >= feeder.acknowledged_sequence
    await feeder.repeat()
    for lane in feeder.lanes:
        for user in lane.users:
            assert await rows(service, service.callers[user]) == lane.rows_of(user)
    ready = await ask(service, None, "GET", "/readyz")
    assert ready.content["sequence"] == feeder.accepted_count


async def rows(service: Service, caller: Caller) -> dict[tuple[str, int], Row]:
    """By market and subaccount, flat rows too: all that changed since the beginning."""
    async with await connect(service, caller) as socket:
        await socket.subscribe("market_positions", send_initial_snapshot=True)
        *_, marker = await snapshot(socket)
        await socket.subscribe("market_positions", resume={"epoch": marker["epoch"], "sequence": 0})
        *changed, _ = await snapshot(socket)
    return {(row["market_ticker"], row.get("subaccount", 0)): row_from(row) for row in changed}


async def snapshot(socket: WebSocket) -> list[dict[str, Any]]:
    """The rows of a snapshot, and the marker that ends it."""
    messages = [await socket.message()]
    while messages[-1]["type"] != "market_positions_snapshot":
        messages.append(await socket.message())
    return [message["msg"] for message in messages]


async def balance(service: Service, caller: Caller) -> Fraction:
    """The dollars of a user, over all subaccounts."""
    answer = await ask(service, caller, "GET", "/trade-api/v2/portfolio/balance")
    return Fraction(answer.content["balance_dollars"])


def verify(data: Path) -> subprocess.CompletedProcess[str]:
    """Has the command recompute everything from the journal."""
    return subprocess.run(
        [sys.executable, "-m", "openpositions", "verify", "--data", data],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
