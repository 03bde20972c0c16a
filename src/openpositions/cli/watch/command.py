"""The command `openpositions watch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from openpositions import loops
from openpositions.cli.attached import running_socket
from openpositions.cli.options import DataOfTarget, KeyFile, KeyId, Url, User, refuse_empty
from openpositions.cli.target import check_user, choose_target
from openpositions.cli.watch.lines import Lines
from openpositions.cli.watch.live import Watch, show_on_screen, until_stopped, watching, write_lines
from openpositions.cli.watch.screen import Size, screen
from openpositions.cli.watch.view import View, parse_order
from openpositions.errors import Misconfigured

if TYPE_CHECKING:
    from openpositions.cli.target import Remote

EXAMPLE = "Example: openpositions watch --data positions --user alice --ticker 'FED-*' --sort unrealized"

# What is not on a terminal has no width.
_UNBOUNDED = 10_000


def command(
    data: DataOfTarget = None,
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    user: User = None,
    ticker: Annotated[
        list[str] | None,
        typer.Option(help="Only this market, or those of a pattern with * and ?; repeatable.", metavar="PATTERN"),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            help="ticker, position, exposure, unrealized, realized, fees or age, perhaps with :asc or :desc.",
            metavar="ORDER",
        ),
    ] = "ticker",
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Markets too that closed while it watched.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Show it as of now and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for every change.")] = False,
) -> None:
    """Watch the positions of a user: a table that changes as they do, until Control-C.

    Whenever the connection is lost, it says since when all of it is stale. What is unknown is a dash.
    """
    target = choose_target(data, url, key_id, key_file)
    check_user(target, user)
    for pattern in ticker or ():
        refuse_empty("--ticker", pattern)
    view = View(parse_order(sort), ticker or (), all_rows)
    console = Console(highlight=False, markup=False)
    if not (as_json or once or (console.is_terminal and not console.is_dumb_terminal)):
        raise Misconfigured("watch needs a terminal; add --json for lines, or --once for one table")
    where = f"{target} as {user}" if isinstance(target, Path) else target.url
    loops.run(_watch(target, user or "", view, where, console, once=once, as_json=as_json))


async def _watch(
    target: Path | Remote, user: str, view: View, where: str, console: Console, *, once: bool, as_json: bool
) -> None:
    source = await running_socket(target) if isinstance(target, Path) else target
    async with watching(source, user) as watch:
        if once:
            _show_once(watch, view, where, console, as_json=as_json)
        elif as_json:
            await until_stopped(write_lines(watch, view))
        else:
            await until_stopped(show_on_screen(watch, view, where, console))


def _show_once(watch: Watch, view: View, where: str, console: Console, *, as_json: bool) -> None:
    if as_json:
        print((Lines(view).line(watch.now()) or b"").decode(), end="")
        return
    if not console.is_terminal:
        console.width = _UNBOUNDED
    console.print(screen(watch.now(), view, where, Size(console.width, None)))
