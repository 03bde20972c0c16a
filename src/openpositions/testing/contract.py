"""One contract of a simulated market: its price walks until it expires."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from openpositions.core.money import DOLLAR_BP

if TYPE_CHECKING:
    from random import Random

# Near 0 and 1 the venue prices in tenths of a cent, elsewhere in cents.
_CENT_BP, _FINE_BP = 100, 10
_FINE_BELOW_BP = 1_000

_LOWEST_BP, _HIGHEST_BP = 50, DOLLAR_BP - 50
_VOLATILITY = 0.12
_SHORTEST_LIFE, _LONGEST_LIFE = 40, 160

# Of a hundred contracts, how many do not end with yes or no.
_SCALAR_PERCENT, _VOID_PERCENT = 4, 2


class Contract:
    """A contract that pays 1 dollar if something happens."""

    def __init__(self, ticker: str, draw: Random) -> None:
        self.ticker = ticker
        self.makers_pay = draw.random() < 0.5  # noqa: PLR2004 - half of the contracts
        self._log_odds = draw.gauss(0, 1)
        self._orders_left = draw.randint(_SHORTEST_LIFE, _LONGEST_LIFE)

    @property
    def price_bp(self) -> int:
        """What a YES trades at, on the price grid and never at the ends."""
        price = DOLLAR_BP / (1 + math.exp(-self._log_odds))
        fine = min(price, DOLLAR_BP - price) < _FINE_BELOW_BP
        step = _FINE_BP if fine else _CENT_BP
        return min(max(round(price / step) * step, _LOWEST_BP), _HIGHEST_BP)

    @property
    def expired(self) -> bool:
        """Whether it is to be settled."""
        return self._orders_left <= 0

    def moved(self, draw: Random) -> bool:
        """Moves the price by some news before an order; whether that order buys YES."""
        self._orders_left -= 1
        news = draw.gauss(0, _VOLATILITY)
        self._log_odds += news
        # Most traders follow the news, some trade against it.
        return (news > 0) == (draw.random() < 0.65)  # noqa: PLR2004 - most of them

    def tick(self, *, up: bool) -> None:
        """Moves the price a little, as every trade does."""
        self._log_odds += 0.02 if up else -0.02

    def outcome(self, draw: Random) -> tuple[str, int | None]:
        """Its result and what a YES pays: yes as often as the price says."""
        chance = draw.random() * 100
        if chance < _VOID_PERCENT:
            return "void", None
        if chance < _VOID_PERCENT + _SCALAR_PERCENT:
            return "scalar", self.price_bp
        return ("yes", DOLLAR_BP) if draw.random() * DOLLAR_BP < self.price_bp else ("no", 0)
