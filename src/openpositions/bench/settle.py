"""`bench settle`: a market that many hold settles while fills of other markets keep flowing."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions import loops
from openpositions.bench.feeder import Fed, connect_feeders, feed, feed_paced
from openpositions.bench.floors import seconds_a_commit
from openpositions.bench.flow import FILLS_A_POST, MARKETS, Flow, batch_of, user_names
from openpositions.bench.listeners import Tally, leave
from openpositions.bench.loaded_service import LoadedService, allow_open_files, loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Floor, Report, figure
from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from pathlib import Path

_SETTLED = "KXBENCH-26DEC31-SETTLED"
_SETTLEMENT = b'{"type":"settlement","msg":{"market_ticker":"%b","result":"yes"}}\n' % _SETTLED.encode()

_FILLS_PER_SECOND = 5_000
_PACED_FILLS_A_POST = 16


class _Settled(NamedTuple):
    seconds: float
    """From the post of the settlement to its answer."""
    fed: Fed
    """The fills of other markets meanwhile, and before and after."""


def settle(directory: Path, *, holders: int = 100_000, sockets: int = 200, fills: int = 15_000) -> Report:
    """The settlement of one market, a third into a steady flow of 5,000 fills/s; the first holders are connected."""
    allow_open_files(sockets)
    with scratch(directory) as data:
        return loops.run(_settle(data, holders, sockets, fills))


async def _settle(data: Path, holders: int, sockets: int, fills: int) -> Report:
    users = user_names(holders)
    connected = users[:sockets]
    tally = Tally()
    async with loaded_service(data, connected) as loaded:
        await _give_each_a_position(loaded, users)
        listeners = await loaded.listen(connected, tally)
        settled = await _settle_amid_fills(loaded, connected, fills)
        await tally.until(fills + sockets)
        await leave(listeners)
    one_sync = median(seconds_a_commit(data, [_SETTLEMENT] * 50)) * 1000
    interval = _PACED_FILLS_A_POST / _FILLS_PER_SECOND * 1000
    figures = [
        figure(
            "settlement, post to answer",
            "ms",
            [settled.seconds * 1000],
            Floor(one_sync, "one write and fdatasync of the settlement"),
        ),
        figure(
            "fills of other markets",
            "fills/s",
            [settled.fed.fills / settled.fed.seconds],
            Floor(_FILLS_PER_SECOND, "the rate they are fed at"),
        ),
        figure(
            "longest wait between answers",
            "ms",
            [settled.fed.longest_gap * 1000],
            Floor(interval, "the time between posts"),
        ),
    ]
    counts = {"holders": holders, "sockets": sockets, "fills": settled.fed.fills, "frames": tally.frames}
    return Report("settle", this_machine(data), counts, figures)


async def _give_each_a_position(loaded: LoadedService, users: list[str]) -> None:
    flow = Flow(users, 1)
    held = [
        msgspec.structs.replace(fill, user_id=user, market_ticker=_SETTLED, trade_id=f"held-{fill.trade_id}")
        for user, fill in zip(users, flow.fills(len(users)), strict=True)
    ]
    starts = range(0, len(held), FILLS_A_POST)
    await feed(loaded.feeders, [batch_of(held[start : start + FILLS_A_POST]) for start in starts])


async def _settle_amid_fills(loaded: LoadedService, users: list[str], fills: int) -> _Settled:
    batches = Flow(users, MARKETS).batches(fills, _PACED_FILLS_A_POST)
    (settler,) = await connect_feeders(loaded.service, loaded.credentials, 1)
    third = asyncio.Event()
    remaining = iter(range(len(batches) // 3, -1, -1))

    def count_down() -> None:
        if next(remaining, None) == 0:
            third.set()

    flowing = asyncio.create_task(feed_paced(loaded.feeders, batches, _FILLS_PER_SECOND, count_down))
    await third.wait()
    started = time.perf_counter()
    answer = await settler.post(_SETTLEMENT)
    seconds = time.perf_counter() - started
    if answer.accepted != 1:
        raise ServiceStopped("the settlement was not accepted")
    settler.close()
    return _Settled(seconds, await flowing)
