"""`openpositions keys add`: a key pair made here, or a public key taken."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from openpositions import loops
from openpositions.cli.attached import attached
from openpositions.cli.inputs import read_option
from openpositions.cli.options import AsJson, Data
from openpositions.client.requests import ask
from openpositions.errors import Misconfigured
from openpositions.server.keys import NewKey
from openpositions.wire.signing import KeyType, format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = "Example: openpositions keys add --data positions --user alice --scopes read,ingest --out alice.pem"


class Added(msgspec.Struct):
    """A key that was stored."""

    key_id: str
    user_id: str
    scopes: list[str]
    private_key_file: str | None = None
    """None where only a public key was given."""


def command(
    data: Data,
    user: Annotated[str, typer.Option(help="Whose key it is.")],
    scopes: Annotated[str, typer.Option(help="What it may do: read, ingest, admin, separated by commas.")] = "read",
    type_: Annotated[KeyType, typer.Option("--type", help="Type of the pair that is made.")] = "rsa",
    subaccount: Annotated[int | None, typer.Option(help="The only subaccount that the key sees.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the private key goes; USER.pem by default.", metavar="FILE")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="Take this public key instead of making a pair.", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key pair, or take a public key. The service is given the public half only."""
    if public_key and out:
        raise Misconfigured("give --out or --public-key, not both: only a pair that is made has a private key to write")

    def new_key(pem: str) -> NewKey:
        named = frozenset(scope.strip() for scope in scopes.split(","))
        return NewKey(user_id=user, scopes=named, public_key=pem, subaccount=subaccount)

    if public_key:
        added = loops.run(store(data, new_key(read_option("--public-key", public_key).decode("ascii", "replace"))))
    else:
        private_key = generate_key(type_)
        new = new_key(format_public_key(private_key.public_key()))
        # Written first: a stored key whose private half got lost would be of no use to anybody.
        with new_private_file(out or Path(f"{_file_name(user)}.pem"), format_private_key(private_key)) as path:
            added = loops.run(store(data, new))
        added.private_key_file = str(path)
    _print(added, as_json=as_json)


async def store(data: Path, new: NewKey) -> Added:
    """Stores a key in a data directory, which is made when it is not there."""
    async with attached(data, make=True) as session:
        return await ask(session, "POST", "/v1/keys", Added, body=msgspec.json.encode(new))


@contextmanager
def new_private_file(path: Path, text: str) -> Iterator[Path]:
    """A new file that only its owner can read; it goes away again when what is done inside fails.

    Raises Misconfigured when there is such a file already.
    """
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Misconfigured(f"{path} exists and is not overwritten; name another file with --out") from None
    try:
        with os.fdopen(file, "w", encoding="ascii") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _file_name(user_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", user_id).lstrip(".") or "key"


def _print(added: Added, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(added).decode())
        return
    print(f"key id       {added.key_id}")
    print(f"user         {added.user_id}")
    print(f"scopes       {','.join(added.scopes)}")
    print(f"private key  {added.private_key_file or 'not here: only its public half was given'}")
