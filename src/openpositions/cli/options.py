"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

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

User = Annotated[str | None, typer.Option("--user", help="Whose rows, with --data; a key sees its own user's.")]
