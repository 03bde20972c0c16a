"""Engines that took events, by where those are kept by now: in memory, in a checkpoint, in the journal alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from openpositions.core.events import Event
from tests.engine.running import Engine, running

Place = Callable[[Path, tuple[Event, ...]], AbstractAsyncContextManager[Engine]]


@asynccontextmanager
async def in_memory(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine that took the events since its last checkpoint."""
    async with running(directory) as engine:
        await engine.submit(*events)
        yield engine


@asynccontextmanager
async def being_saved(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine whose checkpoint of them is on its way to the disk."""
    async with in_memory(directory, events) as engine:
        engine.checkpoints.disk.free.clear()
        saving = asyncio.create_task(engine.archive.checkpointing.save())
        await engine.checkpoints.disk.reached.wait()
        yield engine
        engine.checkpoints.disk.free.set()
        await saving


@asynccontextmanager
async def in_a_checkpoint(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine whose last checkpoint includes them."""
    async with in_memory(directory, events) as engine:
        await engine.archive.checkpointing.save()
        yield engine


@asynccontextmanager
async def in_the_tail(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine that read them from the journal when it started."""
    async with in_memory(directory, events):
        pass
    async with running(directory) as engine:
        yield engine


@asynccontextmanager
async def in_an_old_checkpoint(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine that started from a checkpoint which includes them."""
    async with in_a_checkpoint(directory, events):
        pass
    async with running(directory) as engine:
        yield engine


@asynccontextmanager
async def in_both(directory: Path, events: tuple[Event, ...]) -> AsyncIterator[Engine]:
    """An engine whose last checkpoint includes the first of them, and the others are in memory."""
    async with in_a_checkpoint(directory, events[:1]) as engine:
        await engine.submit(*events[1:])
        yield engine


PLACES = [in_memory, being_saved, in_a_checkpoint, in_the_tail, in_an_old_checkpoint, in_both]
wherever = pytest.mark.parametrize("kept", PLACES, ids=lambda place: place.__name__)


# ---------------------------------------------------------------- identities
