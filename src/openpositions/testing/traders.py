"""Who trades: how often, how much, and on which side. A few do most of it."""

from __future__ import annotations

from bisect import bisect
from enum import Enum
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

HOUSE = "house"
"""The market maker: the other side of most trades, and never the one who starts one."""

_HOUSE_SHARE = 0.6
_HABIT_SHARE = 0.3
"""How often a follower or a contrarian does not do what its style says."""

# Counts have a heavy tail: most orders are for some contracts, one in a thousand for thousands.
_TAIL = 1.2
_MEDIAN_CONTRACTS = 6
_MOST_CONTRACTS = 5_000
_FRACTION_CHANCE = 0.2


class Style(Enum):
    """What makes somebody buy YES."""

    FOLLOWER = "good news"
    CONTRARIAN = "bad news, and a lower price"
    CHEAP = "a price below a half: likes long shots"
    NOISE = "nothing in particular"


class Trader(NamedTuple):
    """A user who starts trades."""

    user_id: str
    style: Style
    size: float
    """How large the orders are, against those of others."""

    def buys_yes(self, news: float, price_share: float, draw: Random) -> bool:
        """Which side it takes after some news, at a price of YES between 0 and 1."""
        if self.style is Style.NOISE or draw.random() < _HABIT_SHARE:
            return draw.random() < 0.5  # noqa: PLR2004 - a coin
        if self.style is Style.CHEAP:
            return price_share < 0.5  # noqa: PLR2004 - the cheaper side
        return (news > 0) is (self.style is Style.FOLLOWER)

    def count_centi(self, draw: Random) -> int:
        """How much of something, in 1/100 contract."""
        count = _MEDIAN_CONTRACTS / 2 ** (1 / _TAIL) * self.size * draw.paretovariate(_TAIL)
        whole_centi = 100 * max(1, min(round(count), _MOST_CONTRACTS))
        return whole_centi - draw.randint(1, 99) if draw.random() < _FRACTION_CHANCE else whole_centi


class Crowd:
    """Everybody who trades, and how often each does: the n-th as often as 1/n says."""

    def __init__(self, users: Sequence[str], draw: Random) -> None:
        styles = list(Style)
        self._traders = [
            Trader(user, styles[number % len(styles)], draw.lognormvariate(0, 0.8)) for number, user in enumerate(users)
        ]
        self._weights = list(accumulate(1 / (number + 1) for number in range(len(users))))

    def taker(self, draw: Random) -> Trader:
        """Who starts a trade."""
        return self._traders[bisect(self._weights, draw.random() * self._weights[-1], hi=len(self._weights) - 1)]

    def maker(self, taker: Trader, draw: Random) -> str:
        """Who takes the other side: the house, or somebody else."""
        if len(self._traders) == 1 or draw.random() < _HOUSE_SHARE:
            return HOUSE
        while True:
            other = self.taker(draw)
            if other is not taker:
                return other.user_id
