"""`bench slow`: whether readers that are slow, or never read, make others wait."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from openpositions import loops
from openpositions.bench.delays import delays_ms
from openpositions.bench.feeder import feed
from openpositions.bench.flow import FILLS_A_POST, MARKETS, Flow, user_names
from openpositions.bench.listeners import Tally, leave, upgrades
from openpositions.bench.loaded_service import loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Figure, Floor, Report, figure
from openpositions.bench.subscriber import Subscriber

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from openpositions.bench.loaded_service import LoadedService

# A rate that leaves room on any machine: what is measured is who waits for whom, and not how full the service is.
_FILLS_PER_SECOND = 2_000
_PACED_FILLS_A_POST = 16
_PAUSE_SECONDS = 1.0

# Some 450 bytes a frame, of which the system buffers 100 kB for each of the slow: from then on the service keeps them.
_FILLS_TO_FILL_UP = 2_000


class _Load(NamedTuple):
    quick: int
    fills: int
    runs: int


def slow(directory: Path, *, quick: int = 48, fills: int = 4_000, runs: int = 12) -> Report:
    """Delays of the quick ones at 2,000 fills/s, by turns without and with two slow ones, `runs` times each.

    Of the slow ones one never reads, one reads a frame a second; they are owed as much as everybody else.
    """
    with scratch(directory) as data:
        return loops.run(_slow(data, _Load(quick, fills, runs)))


async def _slow(data: Path, load: _Load) -> Report:
    users = user_names(load.quick + 2)
    *quick, never, seldom = users
    flow, filling = Flow(users, MARKETS), Flow([never, seldom], MARKETS, name="filling")
    tally = Tally()
    alone: list[list[float]] = []
    beside: list[list[float]] = []
    async with loaded_service(data, users) as loaded:
        by_user = dict(zip(quick, await loaded.listen(quick, tally), strict=True))

        async def paced() -> list[float]:
            await feed(loaded.feeders, filling.batches(_FILLS_TO_FILL_UP, FILLS_A_POST))
            batches = flow.batches(load.fills, _PACED_FILLS_A_POST)
            return await delays_ms(loaded, batches, _FILLS_PER_SECOND, by_user, tally)

        async def paced_beside() -> list[float]:
            async with _slow_readers(loaded, never, seldom):
                return await paced()

        await paced()  # what the first fills cost is nobody's fault
        for run in range(load.runs):
            # Whatever drifts or lingers meets one as often as the other.
            if run % 2 == 0:
                alone.append(await paced())
            beside.append(await paced_beside())
            if run % 2:
                alone.append(await paced())
        await leave(by_user.values())
    figures = [*_compared(alone, beside, 50), *_compared(alone, beside, 99)]
    counts = {"quick": load.quick, "slow": 2, "fills": load.fills * (2 * load.runs + 1), "frames": tally.frames}
    return Report("slow", this_machine(data), counts, figures)


def _compared(alone: Sequence[list[float]], beside: Sequence[list[float]], percent: int) -> list[Figure]:
    without, together = ([_percentile(delays, percent) for delays in runs] for runs in (alone, beside))
    ratios = [slowed / undisturbed for undisturbed, slowed in zip(without, together, strict=True)]
    name = f"p{percent} of the quick"
    return [
        figure(f"{name}, alone", "ms", without),
        figure(f"{name}, beside the slow", "ms", together, Floor(median(without), "the same without the slow")),
        figure(f"p{percent}, beside to alone", "times", ratios),
    ]


def _percentile(delays: list[float], percent: int) -> float:
    return quantiles(delays, n=100)[percent - 1]


@asynccontextmanager
async def _slow_readers(loaded: LoadedService, never: str, seldom: str) -> AsyncIterator[None]:
    """Two sockets, subscribed to everything of their users: one is not read at all, one a frame a second."""
    requests = upgrades(loaded.credentials, (never, seldom))
    subscribers = [await Subscriber.open(loaded.service, request, narrow=True) for request in requests]
    for subscriber in subscribers:
        subscriber.subscribe()
    reading = asyncio.create_task(_read_seldom(subscribers[1]))
    try:
        yield
    finally:
        for subscriber in subscribers:
            subscriber.cut()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read_seldom(subscriber: Subscriber) -> None:
    while True:
        await subscriber.frame()
        await asyncio.sleep(_PAUSE_SECONDS)
