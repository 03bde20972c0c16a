"""Fills fed at full speed to a service with listening sockets, and the same traffic from a bare loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from openpositions.bench.child import running
from openpositions.bench.feeder import feed
from openpositions.bench.listeners import UPGRADE, Tally, listen
from openpositions.bench.report import Floor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openpositions.bench.feeder import Fed
    from openpositions.bench.flow import Batch
    from openpositions.bench.loaded_service import LoadedService


class Burst(NamedTuple):
    """What one feed at full speed brought to the sockets."""

    fed: Fed
    frames: int
    bytes: int
    seconds: float
    """From the first post to the last frame."""


async def play_burst(loaded: LoadedService, batches: Sequence[Batch], tally: Tally) -> Burst:
    """Feeds the batches and waits for a frame of every fill; each is of a user with exactly one socket."""
    frames, size = tally.frames, tally.bytes
    fed = await feed(loaded.feeders, batches)
    await tally.until(frames + fed.fills)
    return Burst(fed, tally.frames - frames, tally.bytes - size, tally.last_at - fed.started)


async def bare_loop(directory: Path, sockets: int, burst: Burst) -> Floor:
    """Frames a second when a loop writes the same frames to as many sockets in as many writes, and does nothing else.

    The service writes once to each socket that a commit concerns.
    """
    frame_bytes = max(1, burst.bytes // burst.frames - 4)  # the header of frames of 126 bytes and more has 4
    traffic = (sockets, burst.fed.writes, burst.frames, frame_bytes)
    tally = Tally()
    with running("openpositions.bench.bare_push", *map(str, traffic), log=directory / "bare_push.log") as child:
        listeners = await listen(child, [UPGRADE % (b"/", b"")] * sockets, tally)
        started = time.perf_counter()
        listeners[0].send(b"start")
        await tally.until(burst.frames)
        for listener in listeners:
            listener.cut()
    return Floor(tally.frames / (tally.last_at - started), "a bare loop: same bytes, writes and sockets")
