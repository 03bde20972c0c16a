"""What the disk gives to a program that does nothing but write and sync."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from openpositions.bench.report import Floor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openpositions.bench.feeder import Fed
    from openpositions.bench.flow import Batch

# fdatasync leaves out times and the like; where it is missing, fsync is what there is.
_sync = getattr(os, "fdatasync", os.fsync)

# A median needs no more commits than this, however many there were.
_MOST_COMMITS = 2_000


def seconds_a_commit(directory: Path, commits: Sequence[bytes]) -> list[float]:
    """How long it took to append each of these commits to a file and sync it."""
    seconds = []
    path = directory / "floor"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for commit in commits:
            started = time.perf_counter()
            os.write(file, commit)
            _sync(file)
            seconds.append(time.perf_counter() - started)
    finally:
        os.close(file)
        path.unlink()
    return seconds


def durable_floor(directory: Path, batches: Sequence[Batch], fed: Fed) -> Floor:
    """Fills a second when the same bytes are only written to a file and synced, in commits of the same mean size."""
    whole = b"".join(batch.body for batch in batches)
    size = -(-len(whole) // fed.commits)
    commits = [whole[start : start + size] for start in range(0, len(whole), size)][:_MOST_COMMITS]
    fills = fed.fills * sum(map(len, commits)) / len(whole)
    rate = fills / sum(seconds_a_commit(directory, commits))
    return Floor(rate, f"the same bytes to a file and fdatasync, {fed.fills // fed.commits} fills a commit")
