"""`openpositions history`: the rows of a user as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import AsJson, DataOfTarget, KeyFile, KeyId, Url, User
from openpositions.cli.past import query_of, read_rows
from openpositions.cli.tables import UNKNOWN, new_table, print_table
from openpositions.cli.target import Remote, check_user, choose_target, reached

if TYPE_CHECKING:
    from pathlib import Path

    from openpositions.wire.history_page import HistoryAnswer

EXAMPLE = "Example: openpositions history --data positions --user alice --as-of 2026-01-31T00:00:00Z"

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Events up to this time: RFC 3339 with a zone, or Unix milliseconds.", metavar="TIME"),
]
Sequence = Annotated[int | None, typer.Option(help="Of entries up to this sequence of the journal.", min=0)]

_COLUMNS = {
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


def command(
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Annotated[str | None, typer.Option(help="Only this market.")] = None,
    subaccount: Annotated[int | None, typer.Option(help="Only this subaccount.", min=0)] = None,
    as_of: AsOf = None,
    sequence: Sequence = None,
    as_json: AsJson = False,
) -> None:
    """Show the positions of a user as they were. Busts and settlements count from when they happened."""
    target = choose_target(data, url, key_id, key_file)
    check_user(target, user)
    query = query_of(user_id=user, ticker=ticker, subaccount=subaccount, as_of=as_of, sequence=sequence)
    answer = loops.run(_read(target, query))
    if as_json:
        print(msgspec.json.encode(answer).decode())
        return
    table = new_table(None, *_COLUMNS)
    for row in answer.market_positions:
        values = (getattr(row, field) for field in _COLUMNS.values())
        table.add_row(*(UNKNOWN if value is None else str(value) for value in values))
    print_table(table)
    if not answer.market_positions:
        print("no rows")


async def _read(target: Path | Remote, query: dict[str, str]) -> HistoryAnswer:
    async with reached(target) as session:
        return await read_rows(session, query)
