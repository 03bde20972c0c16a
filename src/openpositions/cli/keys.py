"""`openpositions keys`: makes keys, lists them, revokes them."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from openpositions.cli.attached import attached
from openpositions.cli.options import AsJson, Data
from openpositions.cli.requests import ask
from openpositions.errors import Misconfigured
from openpositions.wire.rest_forms import format_time
from openpositions.wire.signing import KeyType, format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

commands = typer.Typer(help="Make, list, revoke and import keys.")

_PAGE = 1000


class _Key(msgspec.Struct):
    key_id: str
    user_id: str
    scopes: list[str]
    subaccount: int | None
    created_ts_ms: int
    revoked_ts_ms: int | None


class _Keys(msgspec.Struct):
    cursor: str
    keys: list[_Key]


class _Added(msgspec.Struct):
    key_id: str
    user_id: str
    scopes: list[str]
    private_key_file: str | None


@commands.command(
    "add", epilog="Example: openpositions keys add --data positions --user alice --scopes read,ingest --out alice.pem"
)
def add(
    data: Data,
    user: Annotated[str, typer.Option(help="Whose key it is.")],
    scopes: Annotated[str, typer.Option(help="What it may: read, ingest, admin, separated by commas.")] = "read",
    type_: Annotated[KeyType, typer.Option("--type", help="Of the pair that is made.")] = "rsa",
    subaccount: Annotated[int | None, typer.Option(help="The only one that the key sees.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the private key goes; USER.pem if not given.", metavar="FILE")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="Take this public key instead of making a pair.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key pair, or take a public key. The private half is made here and never leaves this machine."""
    if public_key and out:
        raise Misconfigured("give --out or --public-key, not both: a private key is only written when a pair is made")
    wanted = {"user_id": user, "scopes": [scope.strip() for scope in scopes.split(",")], "subaccount": subaccount}
    if public_key:
        added = _store(data, wanted, public_key.read_text(encoding="ascii", errors="replace"))
    else:
        private_key = generate_key(type_)
        # Written first: a stored key without a private half would be of no use to anybody.
        with _new_private_file(out or Path(f"{_file_name(user)}.pem"), format_private_key(private_key)) as path:
            added = _store(data, wanted, format_public_key(private_key.public_key()))
        added.private_key_file = str(path)
    if as_json:
        print(msgspec.json.encode(added).decode())
        return
    print(f"key id       {added.key_id}")
    print(f"user         {added.user_id}")
    print(f"scopes       {','.join(added.scopes)}")
    print(f"private key  {added.private_key_file or 'stays where it is'}")


@commands.command("list", epilog="Example: openpositions keys list --data positions")
def list_(data: Data, as_json: AsJson = False) -> None:
    """List all keys, revoked ones too, in the order they were made. JSON has a line each."""
    uvloop.run(_list(data, as_json=as_json))


@commands.command("revoke", epilog="Example: openpositions keys revoke 4a0fb6e2-… --data positions")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Revoke a key for ever. Its connections are closed within a second."""
    uvloop.run(_revoke(data, key_id))
    print(msgspec.json.encode({"key_id": key_id}).decode() if as_json else f"revoked {key_id}")


def _store(data: Path, wanted: dict[str, object], public_key: str) -> _Added:
    async def store() -> _Key:
        body = msgspec.json.encode({**wanted, "public_key": public_key})
        async with attached(data, make=True) as session:
            return await ask(session, "POST", "/v1/keys", _Key, body=body)

    key = uvloop.run(store())
    return _Added(key.key_id, key.user_id, key.scopes, None)


@contextmanager
def _new_private_file(path: Path, text: str) -> Iterator[Path]:
    """A new file that only its owner can read; it is removed again when what follows fails."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misconfigured(f"{path} exists and is not overwritten; name another file with --out") from None
    try:
        with os.fdopen(file, "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _file_name(user_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", user_id).lstrip(".") or "key"


async def _list(data: Path, *, as_json: bool) -> None:
    table = Table("key id", "user", "scopes", "subaccount", "made", "revoked", box=None)
    async for key in _keys(data):
        if as_json:
            print(msgspec.json.encode(key).decode())
            continue
        subaccount = "all" if key.subaccount is None else str(key.subaccount)
        revoked = "–" if key.revoked_ts_ms is None else format_time(key.revoked_ts_ms)
        table.add_row(key.key_id, key.user_id, ",".join(key.scopes), subaccount, format_time(key.created_ts_ms), revoked)
    if not as_json:
        Console(highlight=False, markup=False, soft_wrap=True).print(table)


async def _keys(data: Path) -> AsyncIterator[_Key]:
    async with attached(data) as session:
        cursor: str | None = ""
        while cursor is not None:
            page = await ask(session, "GET", "/v1/keys", _Keys, query={"limit": str(_PAGE), "cursor": cursor})
            for key in page.keys:
                yield key
            cursor = page.cursor or None


async def _revoke(data: Path, key_id: str) -> None:
    async with attached(data) as session:
        await ask(session, "DELETE", f"/v1/keys/{key_id}", msgspec.Raw)
