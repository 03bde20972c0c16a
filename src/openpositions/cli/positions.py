"""`openpositions positions`: the rows of a user, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import AsJson, DataOfTarget, KeyFile, KeyId, Subaccount, Ticker, Url, User
from openpositions.cli.past import query_of, read_rows
from openpositions.cli.tables import UNKNOWN, new_table, print_table
from openpositions.cli.target import Remote, check_user, choose_target, reached
from openpositions.wire.rest.position_page import market_position
from openpositions.wire.rest.settlement_page import is_empty, settlement_row

if TYPE_CHECKING:
    from pathlib import Path

    from openpositions.wire.rest.history_page import HistoryAnswer

EXAMPLE = "Example: openpositions positions --data positions --user alice"

# The fields of the REST rows that are shown: the texts, which are exact, and not their rounded integer twins.
_OPEN = {
    "market": "ticker",
    ">subaccount": "subaccount",
    ">position": "position_fp",
    ">cost": "market_exposure_dollars",
    ">realized P&L": "realized_pnl_dollars",
    ">fees": "fees_paid_dollars",
    ">traded": "total_traded_dollars",
    "changed": "last_updated_ts",
}
_SETTLED = {
    "market": "ticker",
    ">subaccount": "subaccount",
    "result": "market_result",
    ">YES bought": "yes_count_fp",
    ">for": "yes_total_cost_dollars",
    ">NO bought": "no_count_fp",
    ">for ": "no_total_cost_dollars",
    ">fees": "fee_cost",
    ">paid out, cents": "revenue",
    "settled": "settled_time",
}

Row = dict[str, Any]


class _Rows(NamedTuple):
    """Rows in the forms of the venue's REST reads, which read one subaccount or do not say which: here it is said."""

    open: list[Row]
    settled: list[Row]


def command(
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Ticker = None,
    subaccount: Subaccount = None,
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Flat rows and settled markets too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the positions of a user. Money is in dollars, and exact; what does not exist or is unknown is a dash."""
    target = choose_target(data, url, key_id, key_file)
    check_user(target, user)
    query = query_of(user_id=user, ticker=ticker, subaccount=subaccount)
    if not all_rows:
        query["open"] = "true"
    rows = _rows(loops.run(_read(target, query)), all_rows=all_rows)
    if as_json:
        settlements = {"settlements": rows.settled} if all_rows else {}
        print(msgspec.json.encode({"market_positions": rows.open, **settlements}).decode())
        return
    _print(None, _OPEN, rows.open)
    if rows.settled:
        print()
        _print("Settled", _SETTLED, rows.settled)


async def _read(target: Path | Remote, query: dict[str, str]) -> HistoryAnswer:
    """The rows of all subaccounts that can be seen, all as of one sequence."""
    async with reached(target) as session:
        return await read_rows(session, query)


def _rows(answer: HistoryAnswer, *, all_rows: bool) -> _Rows:
    """What is open; with the rest, also what is flat, and what was settled, the newest first."""
    rows = _Rows([], [])
    settled: list[tuple[int, int, Row]] = []
    for line in answer.market_positions:
        row, market = line.position(answer.user_id), line.market()
        if market.settled_sequence is None:
            if all_rows or row.position:
                rows.open.append({**msgspec.to_builtins(market_position(row)), "subaccount": row.subaccount})
        elif all_rows and not is_empty(row):
            shown = {**msgspec.to_builtins(settlement_row(row, market)), "subaccount": row.subaccount}
            settled.append((-market.settled_sequence, row.subaccount, shown))
    settled.sort(key=lambda one: one[:2])
    rows.settled.extend(row for _, _, row in settled)
    return rows


def _print(title: str | None, columns: dict[str, str], rows: list[Row]) -> None:
    if not any(row["subaccount"] for row in rows):
        columns = {name: field for name, field in columns.items() if field != "subaccount"}
    table = new_table(title, *columns)
    for row in rows:
        table.add_row(*(str(value) if (value := row.get(field)) is not None else UNKNOWN for field in columns.values()))
    print_table(table)
    if not rows:
        print("no rows")
