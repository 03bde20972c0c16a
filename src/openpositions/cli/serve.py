"""`openpositions serve`: the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions import loops
from openpositions.cli.configuration import load_settings
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.options import Data
from openpositions.cli.serving import serving
from openpositions.cli.setting_flags import with_setting_flags

if TYPE_CHECKING:
    from openpositions.server.settings import Settings

EXAMPLE = "Example: openpositions serve --data positions --port 8080"


@with_setting_flags
def command(data: Data, flags: dict[str, str | bool]) -> None:
    """Run the service on a data directory, which is made when it is not there.

    Prints `ready http://HOST:PORT` once it accepts connections; stops cleanly on SIGTERM and SIGINT. Logs go to stderr.
    Settings come from flags, then variables such as OPENPOSITIONS_PORT, then DATA/config.toml.
    """
    settings = load_settings(data, flags)
    log_to_stderr()
    loops.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with serving(settings) as served:
        await served.stop.wait()
