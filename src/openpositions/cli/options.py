"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from openpositions.errors import Misconfigured

Data = Annotated[Path, typer.Option("--data", help="The data directory.", envvar="OPENPOSITIONS_DATA", metavar="DIR")]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# One of these two ways to a service. Which variable counts depends on which flag was given, see `target.py`.
DataOfTarget = Annotated[
    Path | None, typer.Option("--data", help="The data directory (or OPENPOSITIONS_DATA).", metavar="DIR")
]
Url = Annotated[
    str | None, typer.Option("--url", help="A service that is asked over the network (or OPENPOSITIONS_URL).")
]
KeyId = Annotated[
    str | None, typer.Option("--key-id", help="The key for --url.", envvar="OPENPOSITIONS_KEY_ID", metavar="ID")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", help="Its private half.", envvar="OPENPOSITIONS_KEY_FILE", metavar="PEM"),
]

Ticker = Annotated[str | None, typer.Option("--ticker", help="Only this market.")]
Subaccount = Annotated[int | None, typer.Option("--subaccount", help="Only this subaccount.", min=0)]

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Events up to this time: RFC 3339 with a zone, or Unix milliseconds.", metavar="TIME"),
]
Sequence = Annotated[int | None, typer.Option("--sequence", help="Entries up to this sequence of the journal.", min=0)]
Every = Annotated[
    str | None,
    typer.Option(
        "--every", help="Time between two points of profit and loss: 15m, 1h (the default), 1d.", metavar="TIME"
    ),
]

User = Annotated[str | None, typer.Option("--user", help="Whose rows, with --data; a key sees its own user's.")]


def refuse_empty(option: str, value: object) -> None:
    """Refuses what a shell makes of a variable that is not set: for all, or for now, stands an option left out.

    Raises Misconfigured.
    """
    if value == "":
        raise Misconfigured(f"{option} must not be '', as a variable is that is not set; give a value, or leave it out")
