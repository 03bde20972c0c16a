"""A simulated market: seeded, so that a seed plays the same trades again. It has no clock and does no I/O."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Cash, Declaration, Fill, Mark, Settlement
from openpositions.core.fees import MAKER_RATE_BP, TAKER_RATE_BP, charge
from openpositions.core.money import DOLLAR_BP, DOLLAR_MICROS
from openpositions.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openpositions.core.events import Event

HOUSE = "house"
"""The user who takes the other side when nobody else does."""

_CONTRACTS = 8
_DEPOSIT_MICROS = 10_000 * DOLLAR_MICROS
_MEAN_PAUSE_SECONDS = 0.4
_MOST_ORDERS_A_BURST = 12
_MOST_TRADES_AN_ORDER = 3


class Step(NamedTuple):
    """What happens at one moment, and how long nothing happens after it."""

    events: list[Event]
    pause_seconds: float


class SimulatedMarket:
    """Some contracts that users trade with each other and with the house.

    Prices move, orders come in bursts and are filled by one maker or several, fees are the venue's, marks follow the
    trades, and contracts settle and make room for new ones. Both sides of every trade are given. `name` goes into all
    ids and tickers: nothing of one market is ever that of another with another name.
    """

    def __init__(self, seed: int, users: Sequence[str], *, name: str) -> None:
        self._random = Random(seed)  # noqa: S311 - a seed plays the same market again
        self._traders = (*users, HOUSE)
        self._name = name
        self._numbered: Counter[str] = Counter()
        self._contracts: list[Contract] = []

    def opening(self, ts_ms: int) -> list[Event]:
        """Everybody's deposit, and the first contracts."""
        deposits: list[Event] = [
            Cash(f"{self._name}-deposit-{user}", user, 0, _DEPOSIT_MICROS, ts_ms) for user in self._traders
        ]
        return [*deposits, *(event for _ in range(_CONTRACTS) for event in self._open_contract(ts_ms))]

    def step(self, ts_ms: int) -> Step:
        """The next burst of orders, everything that follows from it, and the quiet until the next one."""
        events: list[Event] = []
        orders = min(_MOST_ORDERS_A_BURST, 1 + int(self._random.expovariate(0.5)))
        hot = self._random.choice(self._contracts)
        for _ in range(orders):
            contract = hot if self._random.random() < 0.7 else self._random.choice(self._contracts)  # noqa: PLR2004 - most of a burst is about one thing
            events += self._order(contract, ts_ms)
            events.append(Mark(contract.ticker, contract.price_bp, ts_ms))
        for contract in [one for one in self._contracts if one.expired]:
            self._contracts.remove(contract)
            events.append(Settlement(contract.ticker, *contract.outcome(self._random), ts_ms))
            events += self._open_contract(ts_ms)
        return Step(events, self._random.expovariate(1 / _MEAN_PAUSE_SECONDS))

    def _open_contract(self, ts_ms: int) -> Iterator[Event]:
        number = self._number("contract")
        event_ticker = f"{self._name}-{(number + 3) // 4}"
        contract = Contract(f"{event_ticker}-T{number}", self._random)
        self._contracts.append(contract)
        yield Declaration(contract.ticker, event_ticker, f"Above {number} on day {(number + 3) // 4}?", ts_ms)
        yield Mark(contract.ticker, contract.price_bp, ts_ms)

    def _order(self, contract: Contract, ts_ms: int) -> Iterator[Fill]:
        """One order and its fills: the taker's, which share an order id, and those of the makers."""
        draw = self._random
        taker = draw.choice(self._traders)
        buys_yes = contract.moved(draw)
        order_id = self._id("order")
        overpaid = 0
        for _ in range(draw.randint(1, _MOST_TRADES_AN_ORDER)):
            maker = draw.choice([trader for trader in self._traders if trader != taker])
            trade = _Trade(self._id("trade"), contract.ticker, contract.price_bp, _count_centi(draw), ts_ms)
            taken = charge(trade.count_centi, trade.price_of(buys_yes), rate_bp=TAKER_RATE_BP, overpaid_micros=overpaid)
            overpaid = taken.overpaid_micros
            rate_bp = MAKER_RATE_BP if contract.makers_pay else 0
            made = charge(trade.count_centi, trade.price_of(not buys_yes), rate_bp=rate_bp)
            yield trade.side_of(taker, buys_yes, taken.fee_micros, order_id, is_taker=True)
            yield trade.side_of(maker, not buys_yes, made.fee_micros, self._id("order"), is_taker=False)
            contract.tick(up=buys_yes)

    def _id(self, kind: str) -> str:
        return f"{self._name}-{kind}-{self._number(kind)}"

    def _number(self, kind: str) -> int:
        self._numbered[kind] += 1
        return self._numbered[kind]


class _Trade(NamedTuple):
    trade_id: str
    ticker: str
    yes_price_bp: int
    count_centi: int
    ts_ms: int

    def price_of(self, yes: bool) -> int:  # noqa: FBT001 - the side
        """The price of one side."""
        return self.yes_price_bp if yes else DOLLAR_BP - self.yes_price_bp

    def side_of(self, user: str, yes: bool, fee: int, order_id: str, *, is_taker: bool) -> Fill:  # noqa: FBT001 - the side
        """What the trade is to the user who acquired one side."""
        price, count = self.yes_price_bp, self.count_centi
        return Fill(self.trade_id, user, 0, self.ticker, yes, price, count, fee, self.ts_ms, is_taker, order_id)


def _count_centi(draw: Random) -> int:
    """Mostly a few whole contracts; now and then many, or a fraction."""
    count = 1 + int(draw.expovariate(0.1))
    return count * 100 if draw.random() < 0.8 else count * 100 - draw.randint(1, 99)  # noqa: PLR2004 - four orders in five
