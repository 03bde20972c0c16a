"""One thing that may happen, and the contracts on it: a number walks until it is known, and prices follow it.

Contracts of one event are thresholds on the same number ("above 3", "above 4"), so their prices are coherent at
every moment: a lower threshold is never cheaper, and none can end with no while a higher one ends with yes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.money import DOLLAR_BP

if TYPE_CHECKING:
    from random import Random

# Near 0 and 1 the venue prices in tenths of a cent, elsewhere in cents.
_CENT_BP, _FINE_BP = 100, 10
_FINE_BELOW_BP = 1_000
_LOWEST_BP, _HIGHEST_BP = 50, DOLLAR_BP - 50

# The number is measured in standard deviations of what is unknown about it at first.
_SHORTEST_LIFE_ORDERS, _LONGEST_LIFE_ORDERS = 150, 1_500
_JUMP_CHANCE, _JUMP_SIZE = 0.01, 6.0
_PRESSURE_BP, _CALMING = 12.0, 0.97

# Of a hundred events, how many do not end with yes or no.
_SCALAR_PERCENT, _VOID_PERCENT = 4, 2


class Contract(NamedTuple):
    """Pays 1 dollar if the number ends above a threshold."""

    ticker: str
    title: str
    threshold: float


class Outcome(NamedTuple):
    """How a contract ends."""

    result: str
    value_bp: int | None
    """What a YES pays; None where every position gets its cost back."""


class SimulatedEvent:
    """Some contracts that are decided together."""

    def __init__(self, event_ticker: str, contracts: int, draw: Random) -> None:
        self.event_ticker = event_ticker
        self.makers_pay = draw.random() < 0.5  # noqa: PLR2004 - in half of them
        self._number = draw.gauss(0, 0.7)
        self._life = self._orders_left = draw.randint(_SHORTEST_LIFE_ORDERS, _LONGEST_LIFE_ORDERS)
        self._pressure_bp = [0.0] * contracts
        middle = (contracts - 1) / 2
        self.contracts = [
            Contract(
                f"{event_ticker}-T{strike}",
                f"Above {strike} in {event_ticker}?",
                (place - middle) * 0.6 + draw.gauss(0, 0.1),
            )
            for place, strike in enumerate(range(1, contracts + 1))
        ]

    @property
    def decided(self) -> bool:
        """Whether the number is known."""
        return self._orders_left <= 0

    def news(self, draw: Random) -> float:
        """Moves the number before an order, now and then by a jump; by how much, in its usual steps."""
        self._orders_left -= 1
        step = draw.gauss(0, 1)
        if draw.random() < _JUMP_CHANCE:
            step *= _JUMP_SIZE
        # So that what is left unknown is what the prices say: the variance of all steps together is 1.
        self._number += step / math.sqrt(self._life)
        return step

    def price_bp(self, place: int) -> int:
        """What a YES of a contract trades at, on the price grid and never at the ends."""
        fair = self._chance(place) * DOLLAR_BP + self._pressure_bp[place]
        fine = min(fair, DOLLAR_BP - fair) < _FINE_BELOW_BP
        step = _FINE_BP if fine else _CENT_BP
        return min(max(round(fair / step) * step, _LOWEST_BP), _HIGHEST_BP)

    def press(self, place: int, *, up: bool, count_centi: int) -> None:
        """A trade moves the price, the more the larger it is; that wears off with the trades after it."""
        push = _PRESSURE_BP * math.log1p(count_centi / 1_000)
        self._pressure_bp[place] = self._pressure_bp[place] * _CALMING + (push if up else -push)

    def outcomes(self, draw: Random) -> list[Outcome]:
        """How each contract ends."""
        chance = draw.random() * 100
        if chance < _VOID_PERCENT:
            return [Outcome("void", None) for _ in self.contracts]
        if chance < _VOID_PERCENT + _SCALAR_PERCENT:
            return [Outcome("scalar", self.price_bp(place)) for place in range(len(self.contracts))]
        return [
            Outcome("yes", DOLLAR_BP) if self._number > contract.threshold else Outcome("no", 0)
            for contract in self.contracts
        ]

    def _chance(self, place: int) -> float:
        """That the number ends above the threshold, given what is still to come."""
        unknown = math.sqrt(max(self._orders_left, 1) / self._life)
        return 0.5 * math.erfc((self.contracts[place].threshold - self._number) / (unknown * math.sqrt(2)))
