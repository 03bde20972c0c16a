"""Order flow to measure with: seeded fills spread over users and markets, and the bodies that feed them."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Fill

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = 1_000
"""Who trades when nobody has to listen."""
MARKETS = 200
FILLS_A_POST = 256

_FIRST_TS_MS = 1_750_000_000_000

_LINE = (
    '{"type":"fill","msg":{"trade_id":"%s","user_id":"%s","market_ticker":"%s","outcome_side":"%s",'
    '"yes_price_dollars":"0.%04d","count_fp":"%d.00","fee_cost":"0.%06d","is_taker":%s,"order_id":"%s","ts_ms":%d}}\n'
)


class Batch(NamedTuple):
    """The body of one post, and whom its fills concern."""

    body: bytes
    users: list[str]
    """The user of each line."""


class Flow:
    """Fills that open, close and flip positions. Each call goes on where the last one ended: no trade id repeats.

    Flows to one service share no user, or have names of their own.
    """

    def __init__(self, users: list[str], markets: int, *, name: str = "7a3e") -> None:
        self._name = name
        self._users = users
        self._tickers = [ticker(number) for number in range(markets)]
        self._random = Random(1)  # noqa: S311 - seeded, so that every run plays the same market
        self._fills = self._endless()

    def fills(self, count: int) -> list[Fill]:
        """The next fills."""
        return list(islice(self._fills, count))

    def batches(self, count: int, size: int) -> list[Batch]:
        """The next fills as bodies of NDJSON, `size` lines each; the last may have fewer."""
        fills = self.fills(count)
        return [batch_of(fills[start : start + size]) for start in range(0, count, size)]

    def _endless(self) -> Iterator[Fill]:
        draw, below = self._random, self._random.randrange
        number = 0
        while True:
            number += 1
            user, market = draw.choice(self._users), draw.choice(self._tickers)
            yes_price_bp, count_centi = 100 * (1 + below(99)), 100 * (1 + below(50))
            fee_micros = 7 * count_centi * yes_price_bp * (10_000 - yes_price_bp) // 1_000_000
            trade_id, order_id = (
                f"{number:08x}-{self._name}-4c1d-9b52-{number:012x}",
                f"{number:08x}-1f0b-4e6a-8d27-{number:012x}",
            )
            ts_ms = _FIRST_TS_MS + number
            yield Fill(
                trade_id, user, 0, market, draw.random() < 0.5, yes_price_bp, count_centi, fee_micros, ts_ms,  # noqa: PLR2004
                True, order_id,  # noqa: FBT003 - a field of the fill
            )  # fmt: skip


def ticker(number: int) -> str:
    """The ticker of a market, of the venue's usual form and length."""
    return f"KXBENCH-26DEC31-T{number}.50"


def user_names(count: int) -> list[str]:
    """The ids of the users of a benchmark."""
    return [f"bench-user-{number:06d}" for number in range(count)]


def batch_of(fills: list[Fill]) -> Batch:
    """A body that feeds these fills."""
    lines = [
        _LINE % (
            fill.trade_id,
            fill.user_id,
            fill.market_ticker,
            "yes" if fill.acquires_yes else "no",
            fill.yes_price_bp,
            fill.count_centi // 100,
            fill.fee_micros,
            "true" if fill.is_taker else "false",
            fill.order_id,
            fill.ts_ms,
        )
        for fill in fills
    ]  # fmt: skip
    return Batch("".join(lines).encode(), [fill.user_id for fill in fills])
