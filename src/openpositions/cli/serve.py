"""`openpositions serve`: the service."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from openpositions import loops
from openpositions.cli.configuration import configured, warn_of_variables
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.options import Data
from openpositions.cli.serving import serving, serving_again
from openpositions.cli.setting_flags import with_setting_flags
from openpositions.server.sandbox.faults import Faults

if TYPE_CHECKING:
    from openpositions.server.settings import Settings

EXAMPLE = "Example: openpositions serve --data positions --port 8080"


@with_setting_flags
def command(
    data: Data,
    flags: dict[str, str | bool],
    sandbox: Annotated[
        bool,
        typer.Option(
            "--sandbox", help="For tests of clients: whoever has an admin key may make faults with POST /v1/faults."
        ),
    ] = False,
) -> None:
    """Run the service on a data directory, which is made when it is not there.

    Prints `ready http://HOST:PORT` once it accepts connections; stops cleanly on SIGTERM and SIGINT. Logs go to stderr.
    Settings come from flags, then variables such as OPENPOSITIONS_PORT, then DATA/config.toml.
    """
    with configured(data, flags) as settings:
        log_to_stderr()
        warn_of_variables()
        loops.run(_serve_sandbox(settings) if sandbox else _serve(settings))


async def _serve(settings: Settings) -> None:
    async with serving(settings) as served:
        await served.stop.wait()


async def _serve_sandbox(settings: Settings) -> None:
    faults = Faults()
    async with aclosing(serving_again(settings, faults)) as services:
        async for served in services:
            await faults.until_restart(served.stop)
