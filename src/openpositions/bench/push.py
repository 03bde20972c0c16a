"""`bench push`: from a post to the frames of every connected user; how many fills a second, and how soon."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from openpositions import loops
from openpositions.bench.burst import Burst, bare_loop, play_burst
from openpositions.bench.delays import delays_ms
from openpositions.bench.floors import durable_floor, seconds_a_commit
from openpositions.bench.flow import FILLS_A_POST, MARKETS, Batch, Flow, user_names
from openpositions.bench.listeners import Tally, leave
from openpositions.bench.loaded_service import allow_open_files, loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Figure, Floor, Report, figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACED_FILLS_PER_SECOND = 5_000

# A feeder that batches, and one that hardly does.
_PACED_BATCHES = (FILLS_A_POST, 16)


class _Load(NamedTuple):
    sockets: int
    fills: int
    runs: int
    paced_fills: int


def push(
    directory: Path,
    *,
    sockets: int = 200,
    fills: int = 100_000,
    runs: int = 3,
    paced_fills: int = 25_000,
) -> Report:
    """One socket a user, every user trading, the default dialect, all rules on.

    First the delay of every fill at 5,000 fills/s. Then `runs` feeds of `fills` at full speed: durable fills/s to the
    last answer, delivered fills/s to the last frame; with the default load a checkpoint is saved during the last one.
    """
    allow_open_files(sockets)
    with scratch(directory) as data:
        return loops.run(_push(data, _Load(sockets, fills, runs, paced_fills)))


async def _push(data: Path, load: _Load) -> Report:
    users = user_names(load.sockets)
    flow = Flow(users, MARKETS)
    tally = Tally()
    bursts: list[Burst] = []
    paced: dict[int, list[float]] = {}
    async with loaded_service(data, users) as loaded:
        listeners = await loaded.listen(users, tally)
        for size in _PACED_BATCHES:
            slow = flow.batches(load.paced_fills, size)
            by_user = dict(zip(users, listeners, strict=True))
            paced[size] = await delays_ms(loaded, slow, PACED_FILLS_PER_SECOND, by_user, tally)
        for _ in range(load.runs):
            batches = flow.batches(load.fills, FILLS_A_POST)
            bursts.append(await play_burst(loaded, batches, tally))
        await leave(listeners)
    durable = [burst.fed.fills / burst.fed.seconds for burst in bursts]
    delivered = [burst.frames / burst.seconds for burst in bursts]
    figures = [
        figure("durable", "fills/s", durable, durable_floor(data, batches, bursts[-1].fed)),
        figure("delivered", "fills/s", delivered, await bare_loop(data, load.sockets, bursts[-1])),
    ]
    for size, delays in paced.items():
        figures += _delay_figures(data, delays, size, batches)
    counts = {"sockets": load.sockets, "fills": load.runs * load.fills + 2 * load.paced_fills, "frames": tally.frames}
    return Report("push", this_machine(data), counts, figures)


def _delay_figures(data: Path, delays: Sequence[float], size: int, batches: Sequence[Batch]) -> list[Figure]:
    share = [batch.body[: size * len(batch.body) // len(batch.users)] for batch in batches]
    floor = Floor(median(seconds_a_commit(data, share)) * 1000, f"one write and fdatasync of {size} fills")
    return [
        figure(
            f"{name} at {PACED_FILLS_PER_SECOND:,}/s, {size} a post",
            "ms",
            [quantiles(delays, n=100)[percent - 1]],
            floor,
        )
        for name, percent in (("p50", 50), ("p99", 99))
    ]
