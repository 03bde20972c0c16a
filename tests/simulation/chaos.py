"""What a seed makes of a season of chaos: the clients, what is fed, and what happens to whom and when."""

from __future__ import annotations

from collections import Counter
from itertools import count
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Fill
from tests.simulation.encoding import body_of
from tests.simulation.witness import Wish, Witness
from tests.simulation.workload import OPEN_MARKETS, USERS, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.simulation.chaos_client import Client
    from tests.simulation.program import Program
    from tests.simulation.proxy import Proxy

BUSY = USERS[0]
"""The user whose fills come in bursts, and whom the slow clients follow."""

_BURST_EVENTS = 1_000
_BURST_MARKETS = 50
_FIRST_MARKETS = [*(f"OPEN-{number}" for number in range(0, OPEN_MARKETS, 2)), "BURST-0", "BURST-1"]
_DISTURBED_A_BODY = 5
_TO_NETWORK = ("cut", "cut", "cut", "stall", "stall", "trickle", "calm", "calm")
_OFTEN = (*_TO_NETWORK, "add", "add", "add", "delete", "delete")
_SELDOM = ("all", "all", "come back")
TROUBLES = {*_OFTEN, *_SELDOM}
_DIGITS_TO_A_CUT = 4.3  # up to 20,000 bytes, most often far fewer
_SELDOM_SHARE = 0.06
_MOST_MARKETS_IN_A_FILTER = 12


class Plan(NamedTuple):
    """One seed and one size make one season."""

    seed: int
    events: int

    @property
    def rounds(self) -> int:
        """Each ends in a quiet moment; the service ends in the middle of every second one."""
        return max(4, self.events // 5_000)


def bodies(plan: Plan) -> Iterator[list[bytes]]:
    """What is fed, by round: a market gone wild, and in each round a fifth of the events or more in one burst."""
    workload = Workload(plan.seed)
    numbers = count()
    events_a_round = plan.events // plan.rounds
    for turn in range(plan.rounds):
        burst = min(_BURST_EVENTS, events_a_round // 5) * (1 + turn % 2)
        calm = [body_of(events) for events in workload.batches(events_a_round - burst)]
        place = len(calm) // 3
        yield [*calm[:place], body_of(_burst(burst, numbers)), *calm[place:]]


def _burst(events: int, numbers: Iterator[int]) -> Iterator[Fill]:
    """Fills of one user, all at once and in many markets; positions grow, shrink and flip."""
    for number in (next(numbers) for _ in range(events)):
        ticker, acquires_yes = f"BURST-{number % _BURST_MARKETS}", number % 7 < 4
        yield Fill(f"burst{number}", BUSY, 0, ticker, acquires_yes, 1 + number % 9_999, 100 + number % 301, 10, 0)


def witnesses(plan: Plan, clients: int) -> list[Witness]:
    """Clients of every dialect, with sequences or not, conflated or not, of one subaccount or all, filtered or not.

    The first two are the slow ones.
    """
    chance = Random(plan.seed)
    wishes = [
        Wish(
            user_id=USERS[number % len(USERS)],
            wire=chance.choice(["both", "both", "2026", "2025"]),
            extended=chance.random() < 0.7,
            conflate_ms=chance.choice([0, 0, 10, 50, 250]),
            subaccount=chance.choice([None, None, None, 7]),
            portfolio=chance.random() < 0.3,
        )
        for number in range(clients - 2)
    ]
    filters = [chance.choice([None, _FIRST_MARKETS]) for _ in wishes]
    return [Witness(Wish(BUSY, portfolio=True)), Witness(Wish(BUSY)), *map(Witness, wishes, filters)]


class Trouble:
    """Whom it hits, and how, body by body."""

    def __init__(self, plan: Plan) -> None:
        self.met: Counter[str] = Counter()
        self._chance = Random(plan.seed)

    def restart_place(self, bodies_of_round: Sequence[bytes]) -> int:
        """During which body the service ends, if it does in this round: often during the burst, which takes longest."""
        longest = max(range(len(bodies_of_round)), key=lambda number: len(bodies_of_round[number]))
        return self._chance.choice([longest, self._chance.randrange(len(bodies_of_round))])

    def delay_seconds(self) -> float:
        """How far into the post of a body the service ends."""
        return self._chance.uniform(0, 0.03)

    def strike(self, clients: Sequence[Client], tickers: Iterable[str]) -> None:
        """Disturbs some clients, or lets them go."""
        known = list(tickers)
        for client in self._chance.sample(list(clients), _DISTURBED_A_BODY):
            what = self._chance.choice(_SELDOM if self._chance.random() < _SELDOM_SHARE else _OFTEN)
            some = self._some(known)
            if self._do(client, what, some):
                self.met[what] += 1

    def strike_network(self, programs: Sequence[Program]) -> None:
        """Disturbs the way of one program, which has no idea of it."""
        program = self._chance.choice(programs)
        self._do_to_network(program.proxy, self._chance.choice(_TO_NETWORK))

    def _do(self, client: Client, what: str, some: list[str]) -> bool:
        """Whether it could be done."""
        filtered = client.witness.filtered
        match what:
            case "add":
                return filtered is not None and client.change_filter("add_markets", some)
            case "delete":
                fewer = sorted(filtered or ())[1::2]
                return client.change_filter("delete_markets", fewer)
            case "all":
                return client.widen_to_all()
            case "come back":
                within = [ticker for ticker in some if filtered is None or ticker in filtered]
                return client.come_back_narrower(within)
        assert client.proxy is not None
        self._do_to_network(client.proxy, what)
        return True

    def _do_to_network(self, proxy: Proxy, what: str) -> None:
        match what:
            case "cut":
                proxy.cut_after(int(10 ** self._chance.uniform(0, _DIGITS_TO_A_CUT)))
            case "stall":
                proxy.stall()
            case "trickle":
                proxy.trickle()
            case _:
                proxy.calm()

    def _some(self, known: list[str]) -> list[str]:
        """Markets, newer ones more often."""
        chosen = self._chance.choices(known, range(1, len(known) + 1), k=_MOST_MARKETS_IN_A_FILTER) if known else []
        return sorted(set(chosen))
