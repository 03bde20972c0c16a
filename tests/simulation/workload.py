"""A market place gone wild, the same one for the same seed: flips, repeats, contradictions, busts, late fills."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

from openpositions.core.events import (
    AS_DETERMINED,
    Adjustment,
    Bust,
    Cash,
    Determination,
    Event,
    Fill,
    Mark,
    Settlement,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

USERS = ("ann", "ben", "cleo", "dan", "eve", "fay")
OPEN_MARKETS = 6


class Workload:
    """Events of one seed. Those under different names never touch the same rows, markets or identities."""

    def __init__(self, seed: int, name: str = "", users: Sequence[str] = USERS) -> None:
        self._random = Random(seed)
        self._name = name
        self._users = users
        self._past: list[Event] = []
        self._count = 0
        self._open: list[str] = [f"{name}OPEN-{number}" for number in range(OPEN_MARKETS)]
        self._closed: list[str] = []
        self._trades: list[str] = ["never"]
        self._kinds: list[tuple[Callable[[], list[Event]], int]] = [
            (self._trade, 500),
            (self._one_sided_fill, 150),
            (self._late_fill, 30),
            (self._repeat, 60),
            (self._contradiction, 40),
            (self._bust, 40),
            (self._adjustment, 60),
            (self._mark, 30),
            (self._cash, 10),
            (self._determination, 5),
            (self._settlement, 5),
            (self._second_settlement, 5),
        ]

    def batches(self, events: int) -> Iterator[list[Event]]:
        """So many events, in batches of 1 to 100."""
        makers, weights = zip(*self._kinds, strict=True)
        while events:
            size = min(events, self._random.randint(1, 100))
            batch: list[Event] = []
            while len(batch) < size:
                (make,) = self._random.choices(makers, weights)
                made = make()[: size - len(batch)]
                batch += made
                self._past += made
            events -= size
            yield batch

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self._random.randrange(one_in) == 0

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{self._name}{kind}{self._count}"

    def _fill(self, trade_id: str, user: str, ticker: str, *, acquires_yes: bool, price: int, count: int) -> Fill:
        pick = self._random
        fee = pick.choice([None, 0, pick.randint(-5_000, 0), pick.randint(0, 900_000), pick.randint(0, 900_000)])
        subaccount = pick.choice([0, 0, 0, 7])
        return Fill(trade_id, user, subaccount, ticker, acquires_yes, price, count, fee, pick.randint(0, 10**6))

    def _price(self) -> int:
        pick = self._random
        return pick.choice([1, 9_999, pick.randint(1, 9_999), pick.randint(1, 99) * 100, pick.randint(1, 99) * 100])

    def _size(self) -> int:
        pick = self._random
        return pick.choice([pick.randint(1, 9), pick.randint(1, 3_000), pick.randint(1, 30) * 100, 1_000_000_000_00])

    def _trade(self) -> list[Event]:
        trade_id, price, count = self._id("t"), self._price(), self._size()
        buyer, seller = self._random.sample(self._users, 2)
        ticker = self._random.choice(self._open)
        self._trades.append(trade_id)
        return [
            self._fill(trade_id, buyer, ticker, acquires_yes=True, price=price, count=count),
            self._fill(trade_id, seller, ticker, acquires_yes=False, price=price, count=count),
        ]

    def _one_sided_fill(self) -> list[Event]:
        return [self._fill_in(self._random.choice(self._open))]

    def _late_fill(self) -> list[Event]:
        return [self._fill_in(self._random.choice(self._closed or self._open))]

    def _fill_in(self, ticker: str) -> Fill:
        trade_id = self._id("t")
        self._trades.append(trade_id)
        user, side = self._random.choice(self._users), self._random.choice([True, False])
        return self._fill(trade_id, user, ticker, acquires_yes=side, price=self._price(), count=self._size())

    def _repeat(self) -> list[Event]:
        """What has no identity is not repeated out of its time: an old determination would be news."""
        event = self._random.choice(self._past or [self._cash()[0]])
        if isinstance(event, Determination | Mark):
            return []
        return [msgspec.structs.replace(event, ts_ms=self._random.randint(0, 10**6))]

    def _contradiction(self) -> list[Event]:
        change = self._random.randint(1, 9)
        match self._random.choice(self._past or [self._cash()[0]]):
            case Fill() as fill if self.chance(2):
                return [msgspec.structs.replace(fill, fee_micros=(fill.fee_micros or 0) + change)]
            case Fill() as fill:
                return [msgspec.structs.replace(fill, count_centi=fill.count_centi + change)]
            case Adjustment() as adjustment:
                return [msgspec.structs.replace(adjustment, cash_micros=adjustment.cash_micros + change)]
            case Bust() as bust:
                return [msgspec.structs.replace(bust, trade_id=self._random.choice(self._trades))]
            case Cash() as cash:
                return [msgspec.structs.replace(cash, amount_micros=cash.amount_micros + change)]
            case _:
                return []

    def _bust(self) -> list[Event]:
        user = self._random.choice([None, None, *self._users])
        subaccount = self._random.choice([None, None, None, 0])
        recent = self._random.choice([self._trades, self._trades[-200:]])
        return [Bust(self._id("b"), self._random.choice(recent), user, subaccount, ts_ms=0)]

    def _adjustment(self) -> list[Event]:
        """Opening balances that fit most rows, removals that fit some, and corrections."""
        pick = self._random
        position = pick.choice([0, pick.randint(1, 2_000), -pick.randint(1, 2_000)])
        cost = pick.choice([0, pick.randint(-1, 1) * abs(position) * pick.randint(1, 10_000)])
        ticker = pick.choice([*self._open, *self._closed[-2:]])
        realized, fees, cash = (pick.choice([0, 0, pick.randint(-(10**7), 10**7)]) for _ in range(3))
        user, subaccount = pick.choice(self._users), pick.choice([0, 7])
        return [
            Adjustment(self._id("a"), user, subaccount, ticker, position, cost, realized, fees, cash, "correction", 0)
        ]

    def _mark(self) -> list[Event]:
        price = self._random.choice([None, self._price()])
        return [Mark(self._random.choice(self._open), price, self._random.randint(1, 10**6))]

    def _cash(self) -> list[Event]:
        amount = self._random.randint(-(10**8), 10**9)
        return [Cash(self._id("c"), self._random.choice(self._users), self._random.choice([0, 7]), amount, ts_ms=0)]

    def _result(self) -> tuple[str, int | None]:
        scalar = self._random.randint(0, 10_000)
        return self._random.choice([("yes", 10_000), ("no", 0), ("scalar", scalar), ("void", None)])

    def _determination(self) -> list[Event]:
        return [Determination(self._random.choice([*self._open, *self._closed[-2:]]), *self._result(), ts_ms=0)]

    def _settlement(self) -> list[Event]:
        """The market is replaced by a new one; half of the time the result is the determined one, if there is any."""
        place = self._random.randrange(OPEN_MARKETS)
        ticker = self._open[place]
        if self.chance(2):
            return [Settlement(ticker, AS_DETERMINED, None, ts_ms=0)]
        self._open[place] = self._id("MARKET-")
        self._closed.append(ticker)
        return [Settlement(ticker, *self._result(), ts_ms=0)]

    def _second_settlement(self) -> list[Event]:
        result = self._random.choice([(AS_DETERMINED, None), self._result()])
        return [Settlement(self._random.choice(self._closed or [f"{self._name}EMPTY"]), *result, ts_ms=0)]
