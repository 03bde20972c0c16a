"""A watched portfolio as lines of JSON: one for each change, which says what differs. Pure: no clock, no output."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

from openpositions.cli.watch.amounts import format_count, format_dollars, known_dollars
from openpositions.client.exact import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openpositions.cli.watch.view import Connection, View, Watched
    from openpositions.client.holdings import Holding, Totals
    from openpositions.client.news import Continuity


class _Position(msgspec.Struct):
    market_ticker: str
    position_fp: str
    exposure_dollars: str
    mark_price_dollars: str | None
    market_value_dollars: str | None
    unrealized_pnl_dollars: str | None
    realized_pnl_dollars: str | None
    fees_paid_dollars: str | None
    sequence: int | None
    time: str | None


class _Totals(msgspec.Struct):
    exposure_dollars: str
    market_value_dollars: str | None
    unrealized_pnl_dollars: str | None
    realized_pnl_dollars: str | None
    fees_paid_dollars: str | None
    open_markets: int
    unmarked_markets: tuple[str, ...]


class _Line(msgspec.Struct):
    observed: str
    connection: Connection
    stale_since: str | None
    continuity: Continuity
    sequence: int | None
    time: str | None
    totals: _Totals
    positions: list[_Position]


_encode = msgspec.json.Encoder().encode


class Lines:
    """Makes the lines: each says what differs from what the lines before it said."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._said: Mapping[str, Holding] = {}
        self._last: tuple[Connection, Totals | None] | None = None

    def line(self, watched: Watched) -> bytes | None:
        """The next line, with its end; None when it would say nothing new of what is watched."""
        positions, totals = watched.snapshot
        matching = {ticker: holding for ticker, holding in positions.items() if self._view.matches(ticker)}
        changed = self._view.shown(matching.values()) if self._last is None else self._changed(matching)
        # Where only some markets are watched, changes of the others and so of the totals make no line.
        state = (watched.connection, None if self._view.patterns else totals)
        if not changed and state == self._last:
            return None
        self._said, self._last = matching, state
        return _encode(_line(watched, self._view.ordered(changed))) + b"\n"

    def _changed(self, matching: Mapping[str, Holding]) -> list[Holding]:
        """What differs from what was said. A market that the history does not have any more is given with zeros."""
        gone = [_emptied(holding) for ticker, holding in self._said.items() if ticker not in matching]
        return gone + [holding for ticker, holding in matching.items() if _differs(self._said.get(ticker), holding)]


def _line(watched: Watched, changed: list[Holding]) -> _Line:
    totals = watched.snapshot.totals
    return _Line(
        observed=_format_time(watched.now),
        connection=watched.connection,
        stale_since=_known_time(watched.stale_since),
        continuity=totals.continuity,
        sequence=totals.sequence,
        time=_known_time(totals.time),
        totals=_Totals(
            exposure_dollars=format_dollars(totals.exposure),
            market_value_dollars=known_dollars(totals.market_value),
            unrealized_pnl_dollars=known_dollars(totals.unrealized_pnl),
            realized_pnl_dollars=known_dollars(totals.realized_pnl),
            fees_paid_dollars=known_dollars(totals.fees_paid),
            open_markets=totals.open_markets,
            unmarked_markets=totals.unmarked_markets,
        ),
        positions=[_position(holding) for holding in changed],
    )


def _position(holding: Holding) -> _Position:
    return _Position(
        market_ticker=holding.market_ticker,
        position_fp=format_count(holding.position),
        exposure_dollars=format_dollars(holding.exposure),
        mark_price_dollars=known_dollars(holding.mark),
        market_value_dollars=known_dollars(holding.market_value),
        unrealized_pnl_dollars=known_dollars(holding.unrealized_pnl),
        realized_pnl_dollars=known_dollars(holding.realized_pnl),
        fees_paid_dollars=known_dollars(holding.fees_paid),
        sequence=holding.sequence,
        time=_known_time(holding.time),
    )


def _differs(said: Holding | None, holding: Holding) -> bool:
    """Whether a holding changed; that all of them are stale is said once, for all."""
    return said is None or (said != holding and msgspec.structs.replace(said, stale=holding.stale) != holding)


def _emptied(holding: Holding) -> Holding:
    return msgspec.structs.replace(
        holding,
        position=ZERO,
        cost=ZERO,
        market_value=ZERO,
        unrealized_pnl=ZERO,
        realized_pnl=ZERO,
        fees_paid=ZERO,
        sequence=None,
        time=None,
    )


def _known_time(moment: datetime | None) -> str | None:
    return None if moment is None else _format_time(moment)


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
