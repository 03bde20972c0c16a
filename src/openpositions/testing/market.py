"""A simulated market: seeded, so that a seed plays the same trades again. It has no clock and does no I/O."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Cash, Declaration, Determination, Mark, Settlement
from openpositions.core.money import DOLLAR_BP, DOLLAR_MICROS
from openpositions.testing.simulated_event import Outcome, SimulatedEvent
from openpositions.testing.traders import HOUSE, Crowd
from openpositions.testing.trades import Match, Order, fills_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpositions.core.events import Event

_DEPOSIT_MICROS = 10_000 * DOLLAR_MICROS
_CONTRACTS_AN_EVENT = 4
_MOST_TRADES_AN_ORDER = 3

# A burst goes on after each order with this chance, up to so many; most of it is about one thing.
_GOES_ON = 0.7
_MOST_ORDERS_A_BURST = 40
_STAYS = 0.8
# Each popular thing is this much less popular than the one before it.
_POPULARITY_TAIL = 1.1

# So many steps after it is known how a contract ends, it is settled.
_SETTLED_AFTER_STEPS = 5


class Step(NamedTuple):
    """What happens at one moment, and how long nothing happens after it."""

    events: list[Event]
    pause_seconds: float


class SimulatedMarket:
    """Contracts on several simulated events, traded by users with each other and with the house.

    Prices walk and jump, and reach 0 or 1 as an event comes to its end; orders come in bursts that are mostly about
    one thing, with counts of a heavy tail, and are filled by one maker or several; fees are the venue's; marks follow
    the trades; what is decided is determined, settled a little later, and makes room for a new event. Both sides
    of every trade are given. `name` goes into all ids and tickers: nothing of one market is ever that of another with
    another name. `fills_per_second` is the mean over a long time.

    Raises ValueError when nobody trades, or a user is called like the house.
    """

    def __init__(
        self, seed: int, users: Sequence[str], *, name: str, markets: int = 8, fills_per_second: float = 8.0
    ) -> None:
        if HOUSE in users or not users:
            raise ValueError(f"somebody must trade with the house, and nobody may be called {HOUSE!r}")
        self._random = Random(seed)  # noqa: S311 - a seed plays the same market again
        self._users = users
        self._crowd = Crowd(users, self._random)
        self._name = name
        self._markets = markets
        self._fills_per_second = fills_per_second
        self._numbered: Counter[str] = Counter()
        self._simulated_events: list[SimulatedEvent] = []
        self._to_settle: list[tuple[int, str, Outcome]] = []

    def opening(self, ts_ms: int) -> list[Event]:
        """Everybody's deposit, and the first contracts."""
        events: list[Event] = [
            Cash(f"{self._name}-deposit-{user}", user, 0, _DEPOSIT_MICROS, ts_ms) for user in (*self._users, HOUSE)
        ]
        for first in range(0, self._markets, _CONTRACTS_AN_EVENT):
            events += self._open(min(_CONTRACTS_AN_EVENT, self._markets - first), ts_ms)
        return events

    def step(self, ts_ms: int) -> Step:
        """The next burst of orders, everything that follows from it, and the quiet until the next one."""
        draw = self._random
        events: list[Event] = []
        hot = self._popular()
        orders = fills = 0
        while orders == 0 or (orders < _MOST_ORDERS_A_BURST and draw.random() < _GOES_ON):
            orders += 1
            simulated = hot if draw.random() < _STAYS else self._popular()
            if not simulated.decided:
                trades = self._order(simulated, ts_ms)
                fills += len(trades) - 1
                events += trades
        events += self._endings(ts_ms)
        quiet_seconds = fills / self._fills_per_second
        return Step(events, quiet_seconds * draw.expovariate(1.0) if quiet_seconds else 0.0)

    def _popular(self) -> SimulatedEvent:
        """One of the simulated events; a few of them are what most trading is about."""
        place = int(self._random.paretovariate(_POPULARITY_TAIL)) - 1
        return self._simulated_events[place % len(self._simulated_events)]

    def _order(self, simulated: SimulatedEvent, ts_ms: int) -> list[Event]:
        """One order and its fills, and the mark that they leave."""
        draw = self._random
        place = draw.randrange(len(simulated.contracts))
        ticker = simulated.contracts[place].ticker
        news = simulated.news(draw)
        taker = self._crowd.taker(draw)
        buys_yes = taker.buys_yes(news, simulated.price_bp(place) / DOLLAR_BP, draw)
        matches = []
        for _ in range(draw.randint(1, _MOST_TRADES_AN_ORDER)):
            count_centi = taker.count_centi(draw)
            maker = self._crowd.maker(taker, draw)
            matches.append(Match(self._id("trade"), self._id("order"), maker, count_centi, simulated.price_bp(place)))
            simulated.press(place, up=buys_yes, count_centi=count_centi)
        order = Order(self._id("order"), taker.user_id, ticker, buys_yes, simulated.makers_pay, ts_ms)
        return [*fills_of(order, matches), Mark(ticker, simulated.price_bp(place), ts_ms)]

    def _endings(self, ts_ms: int) -> Iterator[Event]:
        """What is due is settled; what has been decided is determined, and something new opens in its place."""
        step = self._number("step")
        due = [one for one in self._to_settle if one[0] <= step]
        self._to_settle = [one for one in self._to_settle if one[0] > step]
        for _, ticker, outcome in due:
            yield Settlement(ticker, *outcome, ts_ms)
        for place, simulated in enumerate(self._simulated_events):
            if simulated.decided:
                for contract, outcome in zip(simulated.contracts, simulated.outcomes(self._random), strict=True):
                    yield Determination(contract.ticker, *outcome, ts_ms)
                    self._to_settle.append((step + _SETTLED_AFTER_STEPS, contract.ticker, outcome))
                yield from self._open(len(simulated.contracts), ts_ms, place)

    def _open(self, contracts: int, ts_ms: int, place: int | None = None) -> list[Event]:
        """A new event, in the place of one that is over where there is one."""
        simulated = SimulatedEvent(self._id("event").upper(), contracts, self._random)
        if place is None:
            self._simulated_events.append(simulated)
        else:
            self._simulated_events[place] = simulated
        events: list[Event] = []
        for number, contract in enumerate(simulated.contracts):
            events.append(Declaration(contract.ticker, simulated.event_ticker, contract.title, ts_ms))
            events.append(Mark(contract.ticker, simulated.price_bp(number), ts_ms))
        return events

    def _id(self, kind: str) -> str:
        return f"{self._name}-{kind}-{self._number(kind)}"

    def _number(self, kind: str) -> int:
        self._numbered[kind] += 1
        return self._numbered[kind]
