"""What of a portfolio is watched: which markets, in which order, and how sure it is. Pure: no clock, no terminal."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from openpositions.client.exact import known_total, total
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from openpositions.client.holdings import Holding, Snapshot

Connection: TypeAlias = Literal["connected", "reconnecting", "ended"]

_Value: TypeAlias = "Decimal | str | float | None"


class Watched(NamedTuple):
    """A portfolio as it is known at some moment."""

    snapshot: Snapshot
    now: datetime
    connection: Connection
    stale_since: datetime | None
    """When the connection was lost; None while nothing is missing."""


class Order(NamedTuple):
    """The order of the rows. What is unknown comes last, whichever way; what is equal, by ticker."""

    value: Callable[[Holding], _Value]
    descending: bool


def _age(holding: Holding) -> float | None:
    return None if holding.time is None else -holding.time.timestamp()


# Each with whether it begins with the largest, unless the other way is asked for: what matters most comes first.
_ORDERS: dict[str, Order] = {
    "ticker": Order(lambda holding: holding.market_ticker, descending=False),
    "position": Order(lambda holding: holding.position, descending=True),
    "exposure": Order(lambda holding: holding.exposure, descending=True),
    "unrealized": Order(lambda holding: holding.unrealized_pnl, descending=True),
    "realized": Order(lambda holding: holding.realized_pnl, descending=True),
    "fees": Order(lambda holding: holding.fees_paid, descending=True),
    "age": Order(_age, descending=False),
}
_WAYS = {"asc": False, "desc": True}


def parse_order(text: str) -> Order:
    """An order by its name, perhaps with `:asc` or `:desc` behind it. Raises Misconfigured."""
    name, colon, way = text.partition(":")
    if name not in _ORDERS or (colon and way not in _WAYS):
        names = ", ".join(_ORDERS)
        raise Misconfigured(f"--sort must be one of {names}, perhaps with :asc or :desc, not {text[:80]!r}")
    return _ORDERS[name]._replace(descending=_WAYS[way]) if colon else _ORDERS[name]


class View(NamedTuple):
    """Which holdings are shown."""

    order: Order
    patterns: Sequence[str] = ()
    """Of tickers, with `*`, `?` and `[…]`; none is every market."""
    flat: bool = False
    """Those too that nothing is held of any more."""

    def matches(self, market_ticker: str) -> bool:
        """Whether a market is watched."""
        return not self.patterns or any(fnmatchcase(market_ticker, pattern) for pattern in self.patterns)

    def shown(self, holdings: Iterable[Holding]) -> list[Holding]:
        """Those that are shown, in their order."""
        return self.ordered(
            holding
            for holding in holdings
            if (self.flat or any(row.is_open for row in holding.rows)) and self.matches(holding.market_ticker)
        )

    def ordered(self, holdings: Iterable[Holding]) -> list[Holding]:
        """All of them, in the order of this view."""
        by_ticker = sorted(holdings, key=lambda holding: holding.market_ticker)
        known = [(value, holding) for holding in by_ticker if (value := self.order.value(holding)) is not None]
        known.sort(key=lambda valued: valued[0], reverse=self.order.descending)
        return [holding for _, holding in known] + [one for one in by_ticker if self.order.value(one) is None]


class Sums(NamedTuple):
    """Some holdings in sum."""

    exposure: Decimal
    unrealized_pnl: Decimal | None
    """Of those that have a mark; None when none has."""
    realized_pnl: Decimal | None
    fees_paid: Decimal | None


def sums_of(holdings: Sequence[Holding]) -> Sums:
    """The sums, where what is unknown is left out."""
    known = [holding.unrealized_pnl for holding in holdings if holding.unrealized_pnl is not None]
    return Sums(
        total(*(holding.exposure for holding in holdings)),
        total(*known) if known or not holdings else None,
        known_total(*(holding.realized_pnl for holding in holdings)),
        known_total(*(holding.fees_paid for holding in holdings)),
    )
