"""`openpositions keys import`: many keys at once."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import msgspec
import typer

from openpositions import loops
from openpositions.cli.attached import attached
from openpositions.cli.inputs import opened_to_reread
from openpositions.cli.line_output import TextOutput
from openpositions.cli.options import Data
from openpositions.client.requests import ask
from openpositions.errors import InvalidInput, RequestFailed
from openpositions.server.keys import NewKey

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = "Example: openpositions keys import keys.ndjson --data positions"

_KEYS_A_REQUEST = 500

_decode = msgspec.json.Decoder(NewKey).decode


class _Imported(msgspec.Struct):
    key_id: str
    user_id: str


def command(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="One JSON object a line.")],
    data: Data,
    _json: Annotated[bool, typer.Option("--json", help="Print JSON, as is done without it, too.")] = False,
) -> None:
    """Store the public keys of a file. A line has user_id, scopes, public_key (PEM) and perhaps a subaccount.

    The whole file is checked before anything is stored; an error names the line. Prints a line of JSON for each key,
    in order.
    """
    with opened_to_reread(file) as lines:
        for _ in _new_keys(lines):
            pass
        lines.seek(0)
        loops.run(_import(data, _new_keys(lines)))


def _new_keys(lines: BinaryIO) -> Iterator[NewKey]:
    """The keys of all lines that are not blank. Raises InvalidInput naming the line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _decode(line)
            except (InvalidInput, msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise InvalidInput("line", f"line {number}: {error}; nothing was stored") from None


async def _import(data: Path, keys: Iterator[NewKey]) -> None:
    stored = 0
    out = TextOutput(sys.stdout)
    async with attached(data, make=True) as session:
        while some := list(islice(keys, _KEYS_A_REQUEST)):
            try:
                answer = await ask(session, "POST", "/v1/keys/import", list[_Imported], body=msgspec.json.encode(some))
            except RequestFailed as error:
                raise RequestFailed(f"{error}; the first {stored} keys were stored, import the others again") from None
            await out.write("".join(msgspec.json.encode(imported).decode() + "\n" for imported in answer))
            stored += len(answer)
