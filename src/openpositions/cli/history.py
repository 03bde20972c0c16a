"""`openpositions history`: the rows of a user as they were, and their profit and loss over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import (
    AsJson,
    AsOf,
    DataOfTarget,
    Every,
    KeyFile,
    KeyId,
    Sequence,
    Subaccount,
    Ticker,
    Url,
    User,
)
from openpositions.cli.past import query_of, read_rows, read_series
from openpositions.cli.tables import UNKNOWN, new_table, print_table
from openpositions.cli.target import Remote, check_user, choose_target, reached
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

    from openpositions.wire.rest.history_page import HistoryAnswer
    from openpositions.wire.rest.series_body import SeriesAnswer

EXAMPLE = "Example: openpositions history --data positions --user alice --as-of 2026-01-31T00:00:00Z"

Since = Annotated[str | None, typer.Option(help="Points of a series from this time on.", metavar="TIME")]
Until = Annotated[str | None, typer.Option(help="Points of a series before this time.", metavar="TIME")]

_OF_ROW = {
    "market": "market_ticker",
    ">subaccount": "subaccount",
    ">position": "position_fp",
    ">cost": "position_cost_dollars",
    ">realized P&L": "realized_pnl_dollars",
    ">fees": "fees_paid_dollars",
    ">traded": "total_traded_dollars",
    "settled": "market_result",
    ">sequence": "sequence",
    "changed": "last_updated_ts",
}
_OF_POINT = {
    "before": "time",
    ">realized P&L": "realized_pnl_dollars",
    ">unrealized": "unrealized_pnl_dollars",
    ">total": "total_pnl_dollars",
    ">fees": "fees_paid_dollars",
    ">exposure": "exposure_dollars",
    ">open": "open_markets",
    ">unmarked": "unmarked_markets",
}


def command(
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Ticker = None,
    subaccount: Subaccount = None,
    as_of: AsOf = None,
    sequence: Sequence = None,
    series: Annotated[bool, typer.Option("--series", help="Profit and loss over time instead.")] = False,
    every: Every = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Show the positions of a user as they were, or their profit and loss over time.

    Busts and settlements count from when they happened. A series of a --ticker without --user is of all its users.
    """
    target = choose_target(data, url, key_id, key_file)
    if not (series and ticker and user is None):
        check_user(target, user)
    if series:
        _refuse("--series", as_of=as_of, sequence=sequence)
        query = query_of(user_id=user, ticker=ticker, subaccount=subaccount, every=every, since=since, until=until)
        _show(loops.run(_read_series(target, query)), "points", _OF_POINT, "no entries", as_json=as_json)
        return
    _refuse("positions; add --series", every=every, since=since, until=until)
    query = query_of(user_id=user, ticker=ticker, subaccount=subaccount, as_of=as_of, sequence=sequence)
    _show(loops.run(_read(target, query)), "market_positions", _OF_ROW, "no rows", as_json=as_json)


def _refuse(of: str, **options: object) -> None:
    """Raises Misconfigured where an option was given that does not go with the others."""
    for name, value in options.items():
        if value is not None:
            raise Misconfigured(f"--{name.replace('_', '-')} does not go with {of}")


def _show(answer: HistoryAnswer | SeriesAnswer, name: str, of: dict[str, str], none: str, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(answer).decode())
        return
    rows = getattr(answer, name)
    table = new_table(None, *of)
    for row in rows:
        values = (getattr(row, field) for field in of.values())
        table.add_row(*(UNKNOWN if value is None else str(value) for value in values))
    print_table(table)
    if not rows:
        print(none)


async def _read(target: Path | Remote, query: dict[str, str]) -> HistoryAnswer:
    async with reached(target) as session:
        return await read_rows(session, query)


async def _read_series(target: Path | Remote, query: dict[str, str]) -> SeriesAnswer:
    async with reached(target) as session:
        return await read_series(session, query)
