"""The messages between the follower and the runner that does its I/O: what it learned, and what it wants done."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from openpositions.client.portfolio_message import PortfolioMessage
from openpositions.client.rows import PositionRow, RowKey


class Send(NamedTuple):
    """A command to send."""

    command: str


class Seed(NamedTuple):
    """Rows to be read by REST and given to `seed`; until then, what comes is held back."""


class SettledBefore(NamedTuple):
    """Settled markets that have no row, of a service without extensions."""

    amounts: Mapping[RowKey, tuple[Decimal | None, Decimal | None]]
    """Realized P&L and fees of each; None is unknown."""


class CaughtUp(NamedTuple):
    """Every row up to here has arrived; None where the service has no sequence."""

    sequence: int | None


class Bookmark(NamedTuple):
    """A place in the history of a service: every row up to it has arrived. Two values that JSON can keep."""

    epoch: str
    """Which history."""
    sequence: int


class Gap(NamedTuple):
    """A `seq` was left out, which is a bug somewhere; every row was asked for again."""

    expected: int
    found: int


class NoTotals(NamedTuple):
    """The service has no `portfolio` channel."""


News: TypeAlias = PositionRow | Send | Seed | SettledBefore | CaughtUp | Gap | NoTotals | PortfolioMessage


Continuity: TypeAlias = Literal["exact", "probable"]


class Interrupted(Exception):
    """A connection is of no further use; the next one goes on where it was. Never leaves this package."""
