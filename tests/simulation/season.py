"""A season of chaos played: bodies fed one after the other, trouble all the while, and after each round the truth."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import ClientError, ClientSession

from tests.acceptance.http import ask
from tests.simulation.chaos import Trouble, bodies
from tests.simulation.truth import Truth
from tests.simulation.workload import USERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.simulation.chaos import Plan
    from tests.simulation.chaos_client import Client
    from tests.simulation.place import Place
    from tests.simulation.program import Program

_SUBACCOUNTS = (0, 7)


class Moment(NamedTuple):
    """A quiet one."""

    sequence: int
    grown_bytes: int
    """The memory of the service, less what it had after its last start."""


class Season:
    """What was played. Whatever is not as it must be fails an assertion on the spot."""

    def __init__(
        self, plan: Plan, place: Place, slow: Sequence[Client], quick: Sequence[Client], programs: Sequence[Program]
    ) -> None:
        self.truth = Truth()
        self.trouble = Trouble(plan)
        self.repeated = 0
        """Bodies that were durable although no answer came."""
        self.moments: list[Moment] = []
        self._plan = plan
        self._place = place
        self._slow = slow
        self._quick = quick
        self._programs = programs

    async def play(self) -> None:
        """Plays all rounds, with the service running when it begins; in the end the slow ones read, too."""
        async with ClientSession() as session:
            for turn, of_round in enumerate(bodies(self._plan)):
                await self._play_round(session, turn, of_round)
                await self._look(self._quick)
        for client in self._slow:
            client.calm.set()
        await self._look([*self._slow, *self._quick])

    async def _play_round(self, session: ClientSession, turn: int, of_round: Sequence[bytes]) -> None:
        """Feeds a round. In every second one the service ends and starts again, by turns killed and stopped."""
        end = {0: self._place.kill, 2: self._place.stop}.get(turn % 4)
        place = self.trouble.restart_place(of_round) if end else None
        restarting = None
        for number, body in enumerate(of_round):
            self.trouble.strike(self._quick, self.truth.tickers)
            self.trouble.strike_network(self._programs)
            if end is not None and number == place:
                restarting = asyncio.create_task(self._restart(end, self.trouble.delay_seconds()))
            await self._feed(session, body)
        if restarting is not None:
            await restarting

    async def _restart(self, end: Callable[[], Awaitable[None]], delay_seconds: float) -> None:
        # Not a wait for anything: the moment is what is random.
        await asyncio.sleep(delay_seconds)
        await end()
        await self._place.start()

    async def _feed(self, session: ClientSession, body: bytes) -> None:
        """Posts a body until it is taken. It is one commit: after the service ended, all of it is there or nothing."""
        place, before = self._place, self.truth.sequence
        taken = self.truth.feed(body)
        while True:
            await place.up.wait()
            ends = place.kills + place.stops
            answer = await self._post(session, body)
            if answer is not None:
                assert (answer["accepted"], answer["sequence"]) == taken, answer
                return
            assert place.kills + place.stops == ends + 1, "the service gave no answer, although it runs"
            await place.up.wait()
            durable = await place.sequence()
            assert durable in {before, taken.sequence}, "half of a commit is durable"
            if durable == taken.sequence > before:
                # It is posted again all the same, and what was refused for its time may be taken now.
                self.repeated += 1
                before, taken = durable, self.truth.feed(body)

    async def _post(self, session: ClientSession, body: bytes) -> dict[str, Any] | None:
        """What the service answers; None when it cannot, because it ends."""
        service = self._place.service
        try:
            answer = await ask(service, service.callers["feeder"], "POST", "/v1/events", body, session=session)
        except (ClientError, ConnectionError):
            return None
        assert answer.status in {200, 503}, answer
        return None if answer.status == 503 else answer.content

    async def _look(self, clients: Sequence[Client]) -> None:
        """A quiet moment: everybody has caught up, and knows what is true."""
        for proxy in [*(client.proxy for client in clients), *(program.proxy for program in self._programs)]:
            if proxy is not None:
                proxy.calm()
        truth = self.truth
        await asyncio.gather(*(client.catch_up(truth.last_sequence) for client in clients))
        for client in clients:
            wish = client.witness.wish
            if wish.portfolio:
                await client.learn(truth.worth(wish.user_id, wish.sees_only))
        await asyncio.gather(*(program.learn(truth) for program in self._programs))
        for client in clients:
            assert client.witness.rows == truth.rows(client.witness), client.witness.wish
        for user in USERS:
            for subaccount in _SUBACCOUNTS:
                expected = truth.rest_rows(user, subaccount)
                rows = await self._place.rows(user, subaccount)
                assert [{name: row[name] for name in one} for row, one in zip(rows, expected, strict=True)] == expected
        grown = self._place.service.memory_bytes() - self._place.base_bytes
        self.moments.append(Moment(truth.sequence, grown))
