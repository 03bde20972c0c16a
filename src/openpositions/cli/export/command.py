"""The command `openpositions export`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from openpositions import loops
from openpositions.cli.export.outputs import CSV, PARQUET, output
from openpositions.cli.export.rows import Summary
from openpositions.cli.export.tables import TABLES, Table, Wanted
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
from openpositions.cli.past import query_of
from openpositions.cli.target import Remote, check_user, choose_target, reached
from openpositions.core.money import format_dollars_6
from openpositions.errors import Misconfigured

EXAMPLE = "Example: openpositions export lots-2026.csv --what lots --year 2026 --data positions --user alice"

_STDOUT = "-"
_FIRST_YEAR, _LAST_YEAR = 1970, 9998

What = Annotated[str, typer.Option("--what", help=f"{', '.join(TABLES)}.", metavar="TABLE")]
Year = Annotated[
    int | None, typer.Option(help="Only what happened in this year: fills, settlements, disposals of lots.")
]
Zone = Annotated[
    str | None,
    typer.Option(help="Where the year begins and ends, such as America/New_York; UTC by default.", metavar="ZONE"),
]
Form = Annotated[
    str | None, typer.Option("--format", help="csv or parquet; by default what the name of the file ends in.")
]


def command(
    file: Annotated[str, typer.Argument(help="The file to write; - for CSV on standard output.")] = _STDOUT,
    what: What = "rows",
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Ticker = None,
    subaccount: Subaccount = None,
    year: Year = None,
    zone: Zone = None,
    as_of: AsOf = None,
    sequence: Sequence = None,
    every: Every = None,
    form: Form = None,
    as_json: AsJson = False,
) -> None:
    """Write a table of a user's past to a file. Numbers are exact; what does not exist or is unknown is empty.

    Lots are first in, first out: one line for each disposal, with its proceeds, basis, gain and fees.
    """
    table = _table_of(what, year, as_of, sequence, every)
    if as_json and file == _STDOUT:
        raise Misconfigured("--json prints what was written to a file: name one")
    target = choose_target(data, url, key_id, key_file)
    check_user(target, user)
    query = query_of(user_id=user, ticker=ticker, subaccount=subaccount, as_of=as_of, sequence=sequence, every=every)
    wanted = Wanted(query, *_span(year, zone))
    summary = loops.run(_write(target, table, wanted, file, _form_of(file, form)))
    _print(summary, file, what, as_json=as_json)


def _table_of(what: str, year: int | None, as_of: str | None, sequence: int | None, every: str | None) -> Table:
    """The table of a name. Raises Misconfigured when there is none, or when an option does not go with it."""
    table = TABLES.get(what)
    if table is None:
        raise Misconfigured(f"--what must be one of {', '.join(TABLES)}, not {what!r}")
    for option, value, fits in (
        ("--year", year, table.takes_span),
        ("--as-of", as_of, table.takes_as_of),
        ("--sequence", sequence, not table.takes_every),
        ("--every", every, table.takes_every),
    ):
        if value is not None and not fits:
            raise Misconfigured(f"{option} does not go with --what {what}")
    return table


async def _write(target: Path | Remote, table: Table, wanted: Wanted, file: str, form: str) -> Summary:
    summary = Summary()
    path = None if file == _STDOUT else Path(file)
    async with output(path, form, table.columns) as out, reached(target) as session:
        async for rows in table.rows(session, wanted, summary):
            await out.write(rows)
            summary.rows += len(rows)
    return summary


def _print(summary: Summary, file: str, what: str, *, as_json: bool) -> None:
    """The sums of what was written: as JSON, or on stderr, because the table itself may be on stdout."""
    sums = {name: format_dollars_6(micros) for name, micros in summary.micros.items()}
    if as_json:
        written = {"file": file, "what": what, "rows": summary.rows, "sequence": summary.sequence}
        print(msgspec.json.encode({**written, **sums}).decode())
    else:
        texts = "".join(f", {name.removesuffix('_dollars').replace('_', ' ')} {text}" for name, text in sums.items())
        print(f"{summary.rows:,} {what} as of entry {summary.sequence}{texts}", file=sys.stderr)


def _form_of(file: str, stated: str | None) -> str:
    form = stated or (Path(file).suffix.removeprefix(".") if file != _STDOUT else CSV)
    if form not in {CSV, PARQUET}:
        raise Misconfigured(
            f"{file} could be either: name it .csv or .parquet, or say --format csv or --format parquet"
        )
    return form


def _span(year: int | None, zone: str | None) -> tuple[int | None, int | None]:
    """The first millisecond of a year, and the first after it."""
    if year is None:
        if zone is not None:
            raise Misconfigured("--zone goes with --year: it says where the year begins and ends")
        return None, None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Misconfigured(f"--year must be {_FIRST_YEAR}-{_LAST_YEAR}, not {year}")
    try:
        where = ZoneInfo("UTC" if zone is None else zone)
    except (ValueError, OSError, LookupError):
        raise Misconfigured(f"--zone {zone!r} is not known; give a name such as UTC or America/New_York") from None
    begin, end = (datetime(number, 1, 1, tzinfo=where).timestamp() for number in (year, year + 1))
    return int(begin) * 1000, int(end) * 1000
