"""`bench ingest`: how many fills a second are durable and answered, with nobody listening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions import loops
from openpositions.bench.feeder import Fed, feed
from openpositions.bench.floors import durable_floor
from openpositions.bench.flow import FILLS_A_POST, MARKETS, USERS, Flow, user_names
from openpositions.bench.loaded_service import loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Report, figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def ingest(directory: Path, *, fills: int = 100_000, single_fills: int = 10_000, runs: int = 3) -> Report:
    """Fills over HTTP in batches, and then one by one."""
    with scratch(directory) as data:
        return loops.run(_ingest(data, ((FILLS_A_POST, fills), (1, single_fills)), runs))


async def _ingest(data: Path, loads: Sequence[tuple[int, int]], runs: int) -> Report:
    flow = Flow(user_names(USERS), MARKETS)
    figures = []
    async with loaded_service(data) as loaded:
        for size, fills in loads:
            feeds: list[Fed] = []
            for _ in range(runs):
                batches = flow.batches(fills, size)
                feeds.append(await feed(loaded.feeders, batches))
            rates = [fed.fills / fed.seconds for fed in feeds]
            figures.append(figure(f"durable, {size} a post", "fills/s", rates, durable_floor(data, batches, feeds[-1])))
    return Report("ingest", this_machine(data), {"fills": runs * sum(fills for _, fills in loads)}, figures)
