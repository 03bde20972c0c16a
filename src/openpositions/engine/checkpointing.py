"""When a checkpoint is made, and what was not yet in the last one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from openpositions.engine.unsaved import Unsaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpositions.core.draft import Draft
    from openpositions.journal.base import CheckpointStore

# A checkpoint writes each changed row once, however often it changed, so rarer is cheaper; what it bounds is the
# memory of the unsaved index (about 300 bytes an entry) and the tail that a start replays (2 s).
ENTRIES_A_CHECKPOINT = 300_000

# What a start may read on while an earlier part of a long tail is still being saved, in checkpoints: the memory again.
CHECKPOINTS_UNSAVED = 4


class Checkpointing:
    """Indexes in memory what came after the last checkpoint, and makes the next one of it, one at a time."""

    def __init__(self, checkpoints: CheckpointStore) -> None:
        self._checkpoints = checkpoints
        self._current = Unsaved(checkpoints.through)
        self._sealed: Unsaved | None = None
        """What a checkpoint now being written includes; searched until it is durable."""
        self._saving: asyncio.Task[None] | None = None
        self.on_saved: Callable[[], None] | None = None
        """Called when a checkpoint that was started is saved, or failed."""

    @property
    def unsaved(self) -> list[Unsaved]:
        """What no durable checkpoint includes, oldest first."""
        return [self._current] if self._sealed is None else [self._sealed, self._current]

    @property
    def is_crowded(self) -> bool:
        """Whether so much is unsaved that no more should come in before a checkpoint is made."""
        return self._current.entry_count >= CHECKPOINTS_UNSAVED * ENTRIES_A_CHECKPOINT

    def absorb(self, draft: Draft) -> None:
        """Indexes what was just installed."""
        self._current.absorb(draft)

    def start_when_due(self) -> None:
        """Begins a checkpoint when enough came in and none is under way. Raises what the one before failed with."""
        if self._saving is not None and self._saving.done():
            self._saving.result()
            self._saving = None
        if self._saving is None and self._sealed is None and self._current.entry_count >= ENTRIES_A_CHECKPOINT:
            self._saving = asyncio.create_task(self._write(self._seal()))
            self._saving.add_done_callback(self._saved)

    async def finish(self) -> None:
        """Waits for the checkpoint that was started, if there is one. Its failure is raised when the next is due."""
        if self._saving is not None:
            await asyncio.wait([self._saving])

    async def save(self) -> None:
        """Makes a checkpoint of everything absorbed so far, while more may come in."""
        if self._sealed is not None or self._current.through == self._checkpoints.through:
            return
        await self._write(self._seal())

    def _seal(self) -> Unsaved:
        sealed = self._sealed = self._current
        self._current = Unsaved(sealed.through)
        return sealed

    async def _write(self, sealed: Unsaved) -> None:
        # Nothing is added to what is sealed, so a thread may take its time with it.
        await self._checkpoints.save(await asyncio.to_thread(sealed.checkpoint))
        self._sealed = None

    def _saved(self, _: asyncio.Task[None]) -> None:
        if self.on_saved is not None:
            self.on_saved()
