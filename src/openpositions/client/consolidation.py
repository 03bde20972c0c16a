"""Puts rows and totals together, so that what is shown is of one sequence. Pure: no socket, no clock, no async.

A service sends rows as they change, and totals a moment later. Until the totals that belong to the rows arrive, what
was shown before stays. They belong together when no row is newer than the totals, and the rows add up to them: a slow
reader gets only the newest row of a market, which may be newer than the totals that arrive first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.client.exact import ZERO, Sum
from openpositions.client.holdings import Holding, Totals, holding_of
from openpositions.client.news import CaughtUp, Interrupted, NoTotals, SettledBefore
from openpositions.client.portfolio_message import PortfolioMessage
from openpositions.client.rows import PositionRow, time_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from openpositions.client.follower import Follower
    from openpositions.client.news import News
    from openpositions.client.rows import RowKey

# While a service is far ahead of a slow reader, rows and totals may miss each other some times in a row.
_MISMATCHES = 100


class Consolidation:
    """What is known of a portfolio, and what of it is shown."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self.positions: dict[str, Holding] = {}
        """What is shown, by market: what is open, and what was seen to close."""
        self.totals: Totals | None = None
        """What is shown; None before anything is."""
        self._rows: dict[str, dict[int, PositionRow]] = {}
        self._changed: set[str] = set()
        """Markets that are shown as they were."""
        self._marks: dict[str, Decimal | None] = {}
        self._message: PortfolioMessage | None = None
        """The last totals of this connection."""
        self._connection = 0
        self._has_channel = True
        self._newest = 0
        self._time: datetime | None = None
        """The sequence and the time of the newest row."""
        self._exposure, self._realized_pnl, self._fees_paid = Sum(), Sum(), Sum()
        self._settled: dict[RowKey, tuple[Decimal | None, Decimal | None]] = {}
        """What settled markets without a row add to the sums."""
        self._open_rows: dict[str, int] = {}
        """How many subaccounts hold something in a market; none is left out."""
        self._mismatches = 0

    def take(self, news: Sequence[News]) -> bool:
        """Takes the follower's news; whether something else is shown now.

        Raises Interrupted when rows and totals keep contradicting each other.
        """
        if self._connection != self._follower.connections:
            self._connection = self._follower.connections
            self._message = None
        for one in news:
            match one:
                case PositionRow():
                    self._count(one)
                case PortfolioMessage():
                    self._take_totals(one)
                case SettledBefore():
                    self._take_settled(one)
                case NoTotals():
                    self._has_channel = False
                case CaughtUp():
                    rows = self._follower.rows.values()
                    self._newest = max((row.sequence or 0 for row in rows), default=0)
        if not self._follower.is_current:
            return False
        # A replay may have the channel, and none of the numbers by which totals and rows belong together.
        has_totals = self._has_channel and self._follower.is_exact
        totals = self._sent_totals() if has_totals else self._own_totals()
        if totals is None:
            return False
        self._show(totals)
        return True

    def lost(self) -> bool:
        """The connection is gone, or something was missed; whether that changes what is shown."""
        if self.totals is None or self.totals.stale:
            return False
        self.totals = msgspec.structs.replace(self.totals, stale=True)
        for ticker, holding in self.positions.items():
            self.positions[ticker] = msgspec.structs.replace(holding, stale=True)
        return True

    # ------------------------------------------------------------ what arrives

    def _count(self, row: PositionRow) -> None:
        ticker = row.market_ticker
        self._leave_out(row.key)
        rows = self._rows.setdefault(ticker, {})
        was = rows.pop(row.subaccount, None)
        if row.key in self._follower.rows:
            rows[row.subaccount] = row
        if not rows:
            del self._rows[ticker]
        held = self._open_rows.pop(ticker, 0) + row.is_open
        if was is not None:
            held -= was.is_open
            self._exposure.take(was.cost)
            self._realized_pnl.take(was.realized_pnl)
            self._fees_paid.take(was.fees_paid)
        self._exposure.add(row.cost)
        self._realized_pnl.add(row.realized_pnl)
        self._fees_paid.add(row.fees_paid)
        if held:
            self._open_rows[ticker] = held
        self._newest = max(self._newest, row.sequence or 0)
        if row.time is not None:
            self._time = row.time if self._time is None else max(self._time, row.time)
        self._changed.add(ticker)

    def _take_totals(self, message: PortfolioMessage) -> None:
        marks = {market.market_ticker: market.mark_price_dollars for market in message.markets}
        self._marks |= marks
        self._changed |= marks.keys() & self._rows.keys()
        self._message = message

    def _take_settled(self, settled: SettledBefore) -> None:
        """Markets that are in the sums only, as long as no row of theirs is known."""
        for key in list(self._settled):
            self._leave_out(key)
        for key, (realized_pnl, fees_paid) in settled.amounts.items():
            ticker, subaccount = key
            if subaccount not in self._rows.get(ticker, {}):
                self._settled[key] = realized_pnl, fees_paid
                self._realized_pnl.add(realized_pnl)
                self._fees_paid.add(fees_paid)

    def _leave_out(self, key: RowKey) -> None:
        if key in self._settled:
            realized_pnl, fees_paid = self._settled.pop(key)
            self._realized_pnl.take(realized_pnl)
            self._fees_paid.take(fees_paid)

    # ------------------------------------------------------------ what is shown

    def _sent_totals(self) -> Totals | None:
        """The totals that the service sent, if they are those of the rows."""
        message = self._message
        if message is None or self._newest > message.sequence:
            return None
        if (message.exposure_dollars, message.open_markets) != (self._exposure.amount, len(self._open_rows)):
            self._mismatches += 1
            if self._mismatches >= _MISMATCHES:
                self._mismatches = 0
                self._follower.distrust()
                raise Interrupted("the rows that the service tells do not add up to its totals")
            return None
        self._mismatches = 0
        return Totals(
            realized_pnl=message.realized_pnl_dollars,
            unrealized_pnl=message.unrealized_pnl_dollars,
            fees_paid=message.fees_paid_dollars,
            exposure=message.exposure_dollars,
            market_value=message.market_value_dollars,
            open_markets=message.open_markets,
            unmarked_markets=tuple(message.unmarked_markets),
            sequence=message.sequence,
            time=time_of(message.ts_ms) if message.ts_ms else None,
            continuity="exact",
            stale=False,
        )

    def _own_totals(self) -> Totals:
        """The sums of the rows. What they are worth is unknown, unless nothing is held."""
        is_exact = bool(self._follower.is_exact)
        worth = None if self._open_rows else ZERO
        return Totals(
            realized_pnl=self._realized_pnl.amount,
            unrealized_pnl=worth,
            fees_paid=self._fees_paid.amount,
            exposure=self._exposure.amount or ZERO,
            market_value=worth,
            open_markets=len(self._open_rows),
            unmarked_markets=tuple(sorted(self._open_rows)),
            sequence=self._newest if is_exact else None,
            time=self._time,
            continuity="exact" if is_exact else "probable",
            stale=False,
        )

    def _show(self, totals: Totals) -> None:
        if self.totals is not None and self.totals.stale:
            self._changed |= self.positions.keys()
        for ticker in self._changed:
            rows = self._rows.get(ticker)
            if rows:
                self.positions[ticker] = holding_of(rows.values(), self._marks.get(ticker))
            else:
                self.positions.pop(ticker, None)
        self._changed.clear()
        self.totals = totals
