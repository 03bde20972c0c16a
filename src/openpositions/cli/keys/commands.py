"""The verbs of `openpositions keys`, of which `list` and `revoke` are here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import msgspec
import typer

from openpositions import loops
from openpositions.cli.attached import attached
from openpositions.cli.keys import add, import_
from openpositions.cli.line_output import TextOutput
from openpositions.cli.options import AsJson, Data
from openpositions.cli.tables import UNKNOWN, new_table, print_table
from openpositions.client.requests import ask
from openpositions.wire.rest.forms import format_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

_LIST_EXAMPLE = "Example: openpositions keys list --data positions"
_REVOKE_EXAMPLE = "Example: openpositions keys revoke 4a0fb6e2-9a0c-4a53-8a57-53f2b2ba5f11 --data positions"

_PAGE = 1000

commands = typer.Typer(help="Make, list, revoke and import keys.", epilog=add.EXAMPLE)
commands.command("add", epilog=add.EXAMPLE)(add.command)
commands.command("import", epilog=import_.EXAMPLE)(import_.command)


class _Key(msgspec.Struct):
    key_id: str
    user_id: str
    scopes: list[str]
    subaccount: int | None
    created_ts_ms: int
    revoked_ts_ms: int | None


class _Page(msgspec.Struct):
    cursor: str
    keys: list[_Key]


@commands.command("list", epilog=_LIST_EXAMPLE)
def list_(data: Data, as_json: AsJson = False) -> None:
    """List all keys, revoked ones too, in the order they were made; with --json a line each."""
    loops.run(_list(data, as_json=as_json))


@commands.command("revoke", epilog=_REVOKE_EXAMPLE)
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], data: Data, as_json: AsJson = False) -> None:
    """Revoke a key for ever. Its connections are closed within a second."""
    loops.run(_revoke(data, key_id))
    print(msgspec.json.encode({"key_id": key_id}).decode() if as_json else f"revoked {key_id}")


async def _list(data: Path, *, as_json: bool) -> None:
    table = new_table(None, "key id", "user", "scopes", "subaccount", "made", "revoked")
    out = TextOutput(sys.stdout)
    async with attached(data) as session:
        async for key in _keys(session):
            if as_json:
                await out.write(msgspec.json.encode(key).decode() + "\n")
                continue
            subaccount = "all" if key.subaccount is None else str(key.subaccount)
            made = format_time(key.created_ts_ms)
            revoked = UNKNOWN if key.revoked_ts_ms is None else format_time(key.revoked_ts_ms)
            table.add_row(key.key_id, key.user_id, ",".join(key.scopes), subaccount, made, revoked)
    if not as_json:
        print_table(table)


async def _keys(session: ClientSession) -> AsyncIterator[_Key]:
    cursor = ""
    while True:
        page = await ask(session, "GET", "/v1/keys", _Page, query={"limit": str(_PAGE), "cursor": cursor})
        for key in page.keys:
            yield key
        cursor = page.cursor
        if not cursor:
            return


async def _revoke(data: Path, key_id: str) -> None:
    async with attached(data) as session:
        await ask(session, "DELETE", f"/v1/keys/{quote(key_id, safe='')}", msgspec.Raw)
