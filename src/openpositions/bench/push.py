"""From a post to the frames of every connected user: how many fills a second, and how soon."""

from __future__ import annotations

import time
from collections import defaultdict
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

import uvloop

from openpositions.bench.child import running
from openpositions.bench.feeder import feed, feed_paced
from openpositions.bench.floors import durable_floor, seconds_a_commit
from openpositions.bench.flow import Flow, user_names
from openpositions.bench.listeners import UPGRADE, Listener, Tally, listen
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Figure, Floor, Report, figure
from openpositions.bench.stage import Stage, allow_open_files, on_stage, scratch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openpositions.bench.feeder import Fed
    from openpositions.bench.flow import Batch

MARKETS = 200
PACED_FILLS_PER_SECOND = 5_000

# A feeder that batches, and one that hardly does.
_PACED_BATCHES = (256, 16)


class _Burst(NamedTuple):
    """What one feed at full speed brought."""

    fed: Fed
    frames: int
    reads: int
    frame_bytes: int
    seconds: float
    """From the first post to the last frame."""


def push(
    directory: Path, *, sockets: int = 200, fills: int = 100_000, batch: int = 256, runs: int = 3, paced_seconds: float = 5.0
) -> Report:
    """One socket a user, every user trading; the default dialect.

    Durable and delivered fills/s at full speed, and how long after its post a fill's frame came at 5,000 fills/s.
    """
    allow_open_files(sockets)
    with scratch(directory) as data:
        return uvloop.run(_push(data, sockets, fills, batch, runs, paced_seconds))


async def _push(data: Path, sockets: int, fills: int, batch: int, runs: int, paced_seconds: float) -> Report:  # noqa: PLR0913, PLR0917 - as push
    users = user_names(sockets)
    flow = Flow(users, MARKETS)
    tally = Tally()
    bursts: list[_Burst] = []
    async with on_stage(data, users) as stage:
        listeners = await stage.listen(users, tally)
        for _ in range(runs):
            batches = flow.batches(fills, batch)
            bursts.append(await _burst(stage, batches, tally))
        delays = {
            size: await _delays(stage, dict(zip(users, listeners, strict=True)), flow.batches(round(paced_seconds * PACED_FILLS_PER_SECOND), size), tally)
            for size in _PACED_BATCHES
        }
        for listener in listeners:
            listener.close()
    fed = bursts[-1].fed
    delivered_floor = Floor(await _bare_rate(data, sockets, bursts[-1]), "writes ready frames: same bytes, writes, sockets")
    figures = [
        figure("durable", "fills/s", [burst.fed.fills / burst.fed.seconds for burst in bursts], durable_floor(data, batches, fed)),
        figure("delivered", "fills/s", [burst.frames / burst.seconds for burst in bursts], delivered_floor),
    ]
    ...
