"""`bench resume`: what it costs to come back after few changes of one's own rows, and very many of other users'."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions import loops
from openpositions.bench.feeder import feed
from openpositions.bench.flow import FILLS_A_POST, MARKETS, USERS, Flow, batch_of, ticker, user_names
from openpositions.bench.listeners import upgrades
from openpositions.bench.loaded_service import loaded_service, scratch
from openpositions.bench.machine import this_machine
from openpositions.bench.report import Floor, Report, figure
from openpositions.bench.subscriber import Subscriber
from openpositions.errors import ServiceStopped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from openpositions.bench.loaded_service import LoadedService

_BATCHES_A_FEED = 256


class _Marker(msgspec.Struct):
    rows: int
    epoch: str
    sequence: int


class _Frame(msgspec.Struct):
    type: str
    msg: msgspec.Raw = msgspec.Raw()


class _Told(NamedTuple):
    """What came between a subscribe and the snapshot frame."""

    seconds: float
    bytes: int
    marker: _Marker


def resume(
    directory: Path, *, rows: int = 1_000, changed: int = 100, elsewhere: int = 1_000_000, runs: int = 100
) -> Report:
    """A user of `rows` rows comes back after `changed` of them changed, before and after `elsewhere` other changes."""
    with scratch(directory) as data:
        return loops.run(_resume(data, rows, changed, elsewhere, runs))


async def _resume(data: Path, rows: int, changed: int, elsewhere: int, runs: int) -> Report:
    user, *others = user_names(1 + USERS)
    async with loaded_service(data, [user]) as loaded:
        own, flow = _Own(user), Flow(others, MARKETS)
        await own.trade(loaded, range(rows))
        left = await _come_back(loaded, user, send_initial_snapshot=True)
        await own.trade(loaded, range(changed))
        since = {"epoch": left.marker.epoch, "sequence": left.marker.sequence + 1}
        quiet = [await _come_back(loaded, user, resume=since) for _ in range(runs)]
        for start in range(0, elsewhere, FILLS_A_POST * _BATCHES_A_FEED):
            fills = min(FILLS_A_POST * _BATCHES_A_FEED, elsewhere - start)
            await feed(loaded.feeders, flow.batches(fills, FILLS_A_POST))
        busy = [await _come_back(loaded, user, resume=since) for _ in range(runs)]
    if {told.marker.rows for told in (*quiet, *busy)} != {changed}:
        raise ServiceStopped(f"{changed} rows changed, and a resume told of {busy[0].marker.rows}")
    return _report(data, {"rows": rows, "changed": changed, "elsewhere": elsewhere}, quiet, busy, left)


def _report(data: Path, counts: dict[str, int], quiet: list[_Told], busy: list[_Told], whole: _Told) -> Report:
    before = figure("resume, nothing changed elsewhere", "ms", _milliseconds(quiet))
    same = "the same before that"
    after = figure(
        f"resume, {counts['elsewhere']:,} changes elsewhere", "ms", _milliseconds(busy), Floor(before.value, same)
    )
    figures = [
        before,
        after,
        figure("time, after to before", "times", [after.value / before.value]),
        figure("bytes of it", "B", [told.bytes for told in busy], Floor(quiet[0].bytes, same)),
        figure("bytes of a full snapshot", "B", [whole.bytes]),
    ]
    return Report("resume", this_machine(data), counts, figures)


def _milliseconds(told: Iterable[_Told]) -> list[float]:
    return [one.seconds * 1000 for one in told]


class _Own:
    """The fills of the user who comes back."""

    def __init__(self, user: str) -> None:
        self._flow = Flow([user], 1)

    async def trade(self, loaded: LoadedService, markets: Iterable[int]) -> None:
        """One fill in each of these markets."""
        tickers = [ticker(number) for number in markets]
        fills = [
            msgspec.structs.replace(fill, market_ticker=name, trade_id=f"own-{fill.trade_id}")
            for name, fill in zip(tickers, self._flow.fills(len(tickers)), strict=True)
        ]
        starts = range(0, len(fills), FILLS_A_POST)
        await feed(loaded.feeders, [batch_of(fills[start : start + FILLS_A_POST]) for start in starts])


async def _come_back(loaded: LoadedService, user: str, **params: object) -> _Told:
    """A new socket subscribes and reads to the snapshot frame; the handshake is not counted."""
    (request,) = upgrades(loaded.credentials, [user])
    subscriber = await Subscriber.open(loaded.service, request)
    started = time.perf_counter()
    subscriber.subscribe(extended=True, **params)
    while True:
        frame = msgspec.json.decode(await subscriber.frame(), type=_Frame)
        if frame.type == "market_positions_snapshot":
            seconds = time.perf_counter() - started
            subscriber.cut()
            return _Told(seconds, subscriber.bytes_read, msgspec.json.decode(frame.msg, type=_Marker))
