"""`kill -9` at random moments under load: nothing acknowledged is lost, and nothing counts twice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.acceptance.http import ask, fill, ndjson, settlement
from tests.acceptance.service import Caller, Service
from tests.acceptance.websocket import WebSocket, connect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SEED = 20_231_213
ROUNDS = 20
FEEDERS = 4
FILLS = 64
USERS = [f"user{number}" for number in range(5)]
MARKETS = [f"MARKET-{number}" for number in range(12)]


class Feeder:
    """Posts batches until the service is gone, and knows what has to come of them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.unanswered: dict[int, list[dict[str, Any]]] = {}
        self.acknowledged_sequence = 0
        self.position_centi: Counter[tuple[str, str]] = Counter()
        """By user and market, of all that was posted; likewise the volume."""
        self.volume_centi: Counter[tuple[str, str]] = Counter()
        self.settled: set[str] = set()
        self._random = Random(SEED)
        self._numbers = count()

    async def feed(self) -> None:
        """Posts new batches, several at a time, until the connections break."""
        async with ClientSession() as session:
            await asyncio.gather(*(self._feed(session) for _ in range(FEEDERS)))

    async def repeat(self) -> None:
        """Posts every batch again that was not answered."""
        async with ClientSession() as session:
            for number in list(self.unanswered):
                assert await self._post(session, number)

    async def _feed(self, session: ClientSession) -> None:
        answered = True
        while answered:
            number = next(self._numbers)
            self.unanswered[number] = self._batch(number)
            try:
                answered = await self._post(session, number)
            except (ClientError, ConnectionError):
                answered = False

    async def _post(self, session: ClientSession, number: int) -> bool:
        """Whether the batch is taken; the service may say that it is stopping."""
        events = self.unanswered[number]
        feeder = self.service.callers["feeder"]
        answer = await ask(self.service, feeder, "POST", "/v1/events", ndjson(events), session=session)
        if answer.status == 503:
            return False
        assert answer.content["accepted"] + answer.content["duplicates"] == len(events), answer
        self.acknowledged_sequence = max(self.acknowledged_sequence, answer.content["sequence"])
        del self.unanswered[number]
        return True

    def _batch(self, number: int) -> list[dict[str, Any]]:
        events = [self._fill(f"trade-{number}-{place}") for place in range(FILLS)]
        if number % 100 == 99:
            market = MARKETS[number // 100 % len(MARKETS)]
            self.settled.add(market)
            events.append(settlement(market, "yes"))
        return events

    def _fill(self, trade_id: str) -> dict[str, Any]:
        user, market, side = (self._random.choice(choices) for choices in (USERS, MARKETS, ["yes", "no"]))
        count_centi, price_bp = self._random.randrange(1, 10_000), self._random.randrange(1, 10_000)
        self.position_centi[user, market] += count_centi if side == "yes" else -count_centi
        self.volume_centi[user, market] += count_centi
        return fill(trade_id, user, market, side, f"{count_centi / 100:.2f}", f"{price_bp / 10_000:.4f}", "0.0100")

    def expected(self, user: str) -> dict[str, tuple[str, str]]:
        """Position and volume of every market, once every batch has been taken."""
        return {
            market: (
                "0.00" if market in self.settled else f"{self.position_centi[user, market] / 100:.2f}",
                f"{self.volume_centi[user, market] / 100:.2f}",
            )
            for market in MARKETS
            if self.volume_centi[user, market]
        }


@pytest.mark.timeout(300)  # 40 s on a machine that has nothing else to do
async def test_killed_at_any_moment_the_service_goes_on_where_it_was(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """20 times on one directory; every fourth time while it is stopping, which is when it saves a checkpoint."""
    service = Service(tmp_path, rsa_key)
    for user in USERS:
        service.add_key(user)
    feeder = Feeder(service)
    moments = Random(SEED)
    for turn in range(ROUNDS):
        service.start()
        await everything_is_there(feeder)
        feeding = asyncio.create_task(feeder.feed())
        # Not a wait for anything: the moment is what is random.
        await asyncio.sleep(moments.uniform(0.02, 0.5))
        if turn % 4 == 3:
            service.process.terminate()
            await asyncio.sleep(moments.uniform(0, 0.2))
        service.kill()
        await feeding
    with service:
        await everything_is_there(feeder)
    verified = await asyncio.to_thread(verify, service.data)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout


def verify(data: Path) -> subprocess.CompletedProcess[str]:
    """Has the command recompute everything from the journal."""
    return subprocess.run(
        [sys.executable, "-m", "openpositions", "verify", "--data", data],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def everything_is_there(feeder: Feeder) -> None:
    """The entries that were acknowledged; and when what was not is fed again, exactly all of it."""
    service = feeder.service
    ready = await ask(service, None, "GET", "/readyz")
    assert ready.content["sequence"] >= feeder.acknowledged_sequence
    await feeder.repeat()
    for user in USERS:
        assert await rows(service, service.callers[user]) == feeder.expected(user)


async def rows(service: Service, caller: Caller) -> dict[str, tuple[str, str]]:
    """Position and volume by market, flat rows too: all that changed since the beginning."""
    async with await connect(service, caller) as socket:
        await socket.subscribe("market_positions", send_initial_snapshot=True)
        *_, marker = await snapshot(socket)
        await socket.subscribe("market_positions", resume={"epoch": marker["epoch"], "sequence": 0})
        *changed, _ = await snapshot(socket)
    return {row["market_ticker"]: (row["position_fp"], row["volume_fp"]) for row in changed}


async def snapshot(socket: WebSocket) -> Iterable[dict[str, Any]]:
    """The rows of a snapshot, and the marker that ends it."""
    messages = [await socket.message()]
    while messages[-1]["type"] != "market_positions_snapshot":
        messages.append(await socket.message())
    return [message["msg"] for message in messages]
