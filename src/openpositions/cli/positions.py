"""`openpositions positions`: the rows of a user, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from openpositions import loops
from openpositions.cli.options import AsJson, DataOfTarget, KeyFile, KeyId, Url, User
from openpositions.cli.tables import UNKNOWN, new_table, print_table
from openpositions.cli.target import Remote, check_user, choose_target, reached
from openpositions.client.requests import ask
from openpositions.wire.paths import REST_PATH

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import ClientSession

EXAMPLE = "Example: openpositions positions --data positions --user alice"

_READS = f"{REST_PATH}/portfolio"
_PAGE = "1000"

# The fields of the REST rows that are shown: the texts, which are exact, and not their rounded integer twins.
_OPEN = {
    "market": "ticker",
    ">position": "position_fp",
    ">cost": "market_exposure_dollars",
    ">realized P&L": "realized_pnl_dollars",
    ">fees": "fees_paid_dollars",
    ">traded": "total_traded_dollars",
    "changed": "last_updated_ts",
}
_SETTLED = {
    "market": "ticker",
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


def command(
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Annotated[str | None, typer.Option(help="Only this market.")] = None,
    subaccount: Annotated[int, typer.Option(help="Only this subaccount.")] = 0,
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Flat rows and settled markets too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the positions of a user. Money is in dollars, and exact; what does not exist or is unknown is a dash."""
    target = choose_target(data, url, key_id, key_file)
    check_user(target, user)
    query = {"limit": _PAGE, "subaccount": str(subaccount), "ticker": ticker or "", "user_id": user or ""}
    rows, settled = loops.run(_read(target, query, all_rows=all_rows))
    if as_json:
        print(
            msgspec.json.encode({"market_positions": rows, **({"settlements": settled} if all_rows else {})}).decode()
        )
        return
    _print(None, _OPEN, rows)
    if settled:
        print()
        _print("Settled", _SETTLED, settled)


async def _read(target: Path | Remote, query: dict[str, str], *, all_rows: bool) -> tuple[list[Row], list[Row]]:
    async with reached(target) as session:
        if not all_rows:
            return await _pages(session, "positions", "market_positions", query | {"count_filter": "position"}), []
        rows = await _pages(session, "positions", "market_positions", query)
        return rows, await _pages(session, "settlements", "settlements", query)


async def _pages(session: ClientSession, read: str, name: str, query: dict[str, str]) -> list[Row]:
    """The rows of all pages of a read."""
    rows: list[Row] = []
    cursor = ""
    while True:
        page = await ask(session, "GET", f"{_READS}/{read}", dict[str, Any], query=query | {"cursor": cursor})
        rows += page[name]
        cursor = page["cursor"]
        if not cursor:
            return rows


def _print(title: str | None, columns: dict[str, str], rows: list[Row]) -> None:
    table = new_table(title, *columns)
    for row in rows:
        table.add_row(*(str(value) if (value := row.get(field)) is not None else UNKNOWN for field in columns.values()))
    print_table(table)
    if not rows:
        print("no rows")
