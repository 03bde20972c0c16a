"""How soon after its post a fill's frame is there, at a rate that leaves the service room."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from openpositions.bench.feeder import feed_paced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpositions.bench.flow import Batch
    from openpositions.bench.listeners import Listener, Tally
    from openpositions.bench.loaded_service import LoadedService


async def delays_ms(
    loaded: LoadedService,
    batches: Sequence[Batch],
    fills_per_second: float,
    listeners: Mapping[str, Listener],
    tally: Tally,
) -> list[float]:
    """Milliseconds from the moment a fill's post was due to the arrival of its frame, of every fill of who listens.

    A frame does not name its fill. But every fill makes a frame, and a user's frames come in the order of the fills,
    so the n-th frame on a user's socket belongs to the n-th fill of the user.
    """
    sent: list[float] = []
    delays: list[float] = []
    batches_of: defaultdict[str, list[int]] = defaultdict(list)
    for number, batch in enumerate(batches):
        for user in batch.users:
            batches_of[user].append(number)

    def follow(user: str, listener: Listener) -> None:
        numbers = iter(batches_of[user])

        def take(frames: int) -> None:
            now = time.perf_counter()
            delays.extend((now - sent[number]) * 1000 for number in islice(numbers, frames))

        listener.on_frames = take

    for user, listener in listeners.items():
        follow(user, listener)
    before = tally.frames
    await feed_paced(loaded.feeders, batches, fills_per_second, lambda: sent.append(time.perf_counter()))
    await tally.until(before + sum(len(batches_of[user]) for user in listeners))
    for listener in listeners.values():
        listener.on_frames = None
    return delays
