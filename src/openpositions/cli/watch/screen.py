"""A watched portfolio as it stands on a screen of some size. Pure: no clock, no terminal.

A number is shown whole or not at all: where the screen is too narrow, columns are left out, and tickers lose their
middle. Where it is too low, the first rows are shown, and how many more there are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from openpositions.cli.tables import UNKNOWN
from openpositions.cli.watch.amounts import format_count, format_dollars
from openpositions.cli.watch.view import sums_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from openpositions.cli.watch.view import Sums, View, Watched
    from openpositions.client.holdings import Holding, Totals

_MARKET, _POSITION, _EXPOSURE, _MARK = "market", "position", "exposure", "mark"
_UNREALIZED, _REALIZED, _FEES, _AGE = "unrealized", "realized", "fees", "age"
_COLUMNS = (_POSITION, _EXPOSURE, _MARK, _UNREALIZED, _REALIZED, _FEES, _AGE)
_NUMBERS = _COLUMNS[:-1]
# Which of them go first where there is no room.
_LEAST_WANTED = (_FEES, _AGE, _MARK, _REALIZED, _EXPOSURE, _UNREALIZED, _POSITION)

_SHORTEST_TICKER = 12
_GAP = 2

# Two lines of state and an empty one, and the names of the columns.
_LINES_ABOVE = 4


class _Row(NamedTuple):
    cells: Mapping[str, str]
    """By column; a column that is not here is empty."""
    style: str = ""


class Size(NamedTuple):
    """How much room there is."""

    width: int
    height: int | None
    """None where lines may go on for ever."""


def screen(watched: Watched, view: View, where: str, size: Size) -> Group:
    """What to show; `where` names the service."""
    totals = watched.snapshot.totals
    holdings = view.shown(watched.snapshot.positions.values())
    sums = [_Row(_sum_cells(f"total, {totals.open_markets} open", totals), "bold")]
    if view.patterns:
        sums.insert(0, _Row(_sum_cells(f"these {len(holdings)}", sums_of(holdings)), "bold"))
    below = [_line(_unmarked(totals), "yellow")] if totals.unmarked_markets else []
    most = None if size.height is None else max(size.height - _LINES_ABOVE - len(sums) - len(below), 1)
    rows = _aligned(_rows(holdings, most, watched.now) + sums)
    return Group(_state(watched, where), _as_of(watched), Text(), _table(rows, size.width, stale=totals.stale), *below)


def format_age(then: datetime | None, now: datetime) -> str:
    """How long ago something was, in one unit. A clock that is behind makes nothing younger than now."""
    if then is None:
        return UNKNOWN
    seconds = max(int((now - then).total_seconds()), 0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def harmless(ticker: str) -> str:
    """A ticker as it may be sent to a terminal: from a service that is not ours it might hold anything."""
    return ticker if ticker.isascii() and ticker.isprintable() else re.sub(r"[^ -~]", "?", ticker)


def shortened(ticker: str, width: int) -> str:
    """A ticker without its middle, where it is too long: what tells it apart is at its end."""
    if len(ticker) <= width:
        return ticker
    tail = width // 2
    return f"{ticker[: width - 1 - tail]}…{ticker[len(ticker) - tail :]}"


# ---------------------------------------------------------------- around the table


def _state(watched: Watched, where: str) -> Text:
    if watched.stale_since is None:
        return _line(f"connected to {where}", "green")
    since = f"STALE since {watched.stale_since:%H:%M:%S}, {format_age(watched.stale_since, watched.now)} ago"
    what = "the connection ended" if watched.connection == "ended" else f"reconnecting to {where}"
    return _line(f"{since}: {what}", "bold red")


def _as_of(watched: Watched) -> Text:
    totals = watched.snapshot.totals
    sequence = "no sequence" if totals.sequence is None else f"as of sequence {totals.sequence}"
    age = format_age(totals.time, watched.now)
    changed = "last change unknown" if age == UNKNOWN else f"last change {age} ago"
    return _line(f"{sequence} · {changed} · continuity {totals.continuity}", "dim")


def _unmarked(totals: Totals) -> str:
    markets = totals.unmarked_markets
    return f"unrealized leaves out {len(markets)} without a mark: {', '.join(map(harmless, markets[:20]))}"


def _line(text: str, style: str) -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")


# ---------------------------------------------------------------- the table


def _rows(holdings: Sequence[Holding], most: int | None, now: datetime) -> list[_Row]:
    if not holdings:
        return [_Row({_MARKET: "no positions"})]
    shown = holdings if most is None or len(holdings) <= most else holdings[: most - 1]
    rows = [_Row(_cells(holding, now)) for holding in shown]
    if len(shown) < len(holdings):
        rows.append(_Row({_MARKET: f"… {len(holdings) - len(shown)} more"}))
    return rows


def _cells(holding: Holding, now: datetime) -> dict[str, str]:
    return {
        _MARKET: harmless(holding.market_ticker),
        _POSITION: format_count(holding.position),
        _EXPOSURE: format_dollars(holding.exposure),
        _MARK: _known(holding.mark),
        _UNREALIZED: _known(holding.unrealized_pnl),
        _REALIZED: _known(holding.realized_pnl),
        _FEES: _known(holding.fees_paid),
        _AGE: format_age(holding.time, now),
    }


def _sum_cells(label: str, sums: Totals | Sums) -> dict[str, str]:
    return {
        _MARKET: label,
        _EXPOSURE: format_dollars(sums.exposure),
        _UNREALIZED: _known(sums.unrealized_pnl),
        _REALIZED: _known(sums.realized_pnl),
        _FEES: _known(sums.fees_paid),
    }


def _aligned(rows: Sequence[_Row]) -> list[_Row]:
    """The rows, with as many decimals everywhere as the longest number of a column has."""
    decimals = {name: max(len(row.cells.get(name, "").partition(".")[2]) for row in rows) for name in _NUMBERS}
    return [
        row._replace(cells={name: _padded(cell, decimals.get(name, 0)) for name, cell in row.cells.items()})
        for row in rows
    ]


def _padded(cell: str, decimals: int) -> str:
    whole, point, fraction = cell.partition(".")
    return f"{whole}.{fraction.ljust(decimals, '0')}" if decimals and point else cell


def _known(amount: Decimal | None) -> str:
    return UNKNOWN if amount is None else format_dollars(amount)


def _table(rows: Sequence[_Row], width: int, *, stale: bool) -> Table:
    widths = {name: max(len(name), *(len(row.cells.get(name, "")) for row in rows)) for name in (_MARKET, *_COLUMNS)}
    columns = _fitting(widths, width)
    market_width = min(widths[_MARKET], max(width - sum(widths[name] + _GAP for name in columns), 1))
    table = Table(
        Column(_MARKET, width=market_width, no_wrap=True),
        *(Column(name, justify="right", width=widths[name], no_wrap=True) for name in columns),
        box=None,
        pad_edge=False,
        header_style="" if stale else "bold",
        style="dim" if stale else "",
    )
    for row in rows:
        cells = [row.cells.get(name, "") for name in columns]
        coloured = (Text(cell, _colour(name, cell, stale=stale)) for name, cell in zip(columns, cells, strict=True))
        market = shortened(row.cells[_MARKET], market_width)
        table.add_row(Text(market), *coloured, style="dim" if stale else row.style)
    return table


def _fitting(widths: Mapping[str, int], width: int) -> list[str]:
    """The columns that fit beside tickers which can still be told apart."""
    left = width - min(widths[_MARKET], _SHORTEST_TICKER)
    dropped: set[str] = set()
    for name in ("", *_LEAST_WANTED):
        dropped.add(name)
        columns = [column for column in _COLUMNS if column not in dropped]
        if sum(widths[column] + _GAP for column in columns) <= left:
            return columns
    return []


def _colour(name: str, cell: str, *, stale: bool) -> str:
    if stale or name not in {_UNREALIZED, _REALIZED} or not cell.strip("-0." + UNKNOWN):
        return ""
    return "red" if cell.startswith("-") else "green"
