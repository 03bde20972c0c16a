"""`bench idle`: the memory of a connection that is subscribed and hears nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions import loops
from openpositions.bench.child import Child, running
from openpositions.bench.flow import user_names
from openpositions.bench.listeners import UPGRADE, Tally, leave, listen, upgrades
from openpositions.bench.loaded_service import allow_open_files, loaded_service, scratch
from openpositions.bench.machine import resident_kb, this_machine
from openpositions.bench.report import Floor, Report, figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# What the first connections cost once for all is not counted.
_WARMING_UP = 100


def idle(directory: Path, *, sockets: int = 2_000) -> Report:
    """One connection a user, subscribed to every market."""
    allow_open_files(sockets + _WARMING_UP)
    with scratch(directory) as data:
        return loops.run(_idle(data, sockets))


async def _idle(data: Path, sockets: int) -> Report:
    users = user_names(sockets + _WARMING_UP)
    async with loaded_service(data, users) as loaded:
        served = await _kb_a_socket(loaded.service, upgrades(loaded.credentials, users))
    with running("openpositions.bench.bare_idle", log=data / "bare_idle.log") as child:
        bare = await _kb_a_socket(child, [UPGRADE % (b"/", b"")] * len(users))
    floor = Floor(bare, "an aiohttp server that only keeps the socket open")
    figures = [figure("memory of an idle connection", "kB", [served], floor)]
    return Report("idle", this_machine(data), {"sockets": sockets}, figures)


async def _kb_a_socket(child: Child, requests: Sequence[bytes]) -> float:
    """How much resident memory grew with each socket after the first ones."""
    first = await listen(child, requests[:_WARMING_UP], Tally())
    before_kb = resident_kb(child.pid)
    rest = await listen(child, requests[_WARMING_UP:], Tally())
    grown_kb = resident_kb(child.pid) - before_kb
    await leave([*first, *rest])
    return grown_kb / len(rest)
