"""A start makes the same book from a checkpoint and the tail of the journal, and checkpoints are made on the way."""

import asyncio
from pathlib import Path

import pytest

from openpositions.core.book import Book
from openpositions.core.events import Event
from openpositions.core.outcomes import Verdict
from openpositions.engine.recovery import recover
from openpositions.errors import JournalUnavailable, ServiceStopped
from tests.engine.running import opened, running, running_on
from tests.events import (
    adjusted,
    bought_no,
    bought_yes,
    busted,
    declared,
    determined,
    marked,
    paid_in,
    settled,
)
from tests.journaled_book import encoded

EVERYTHING: tuple[Event, ...] = (
    bought_yes("t1", fee=5),
    bought_no("t2", 4_00, subaccount=7),
    bought_no("t1", user="bob"),
    adjusted("a1", position=1_00, cost=5000, cash=7),
    paid_in("c1", 500_000000),
    declared("WEATHER"),
    marked(5500, ts_ms=9),
    bought_yes("t3", ticker="SUN"),
    determined("yes", ticker="SUN"),
    busted("b1", "t1", user="bob"),
    settled("yes", ticker="SUN"),
    bought_yes("t4", 3_00),
)


@pytest.mark.parametrize("saved_after", [0, 1, 6, 10, 12])
async def test_start_makes_the_book_that_was(tmp_path: Path, saved_after: int) -> None:
    """From a checkpoint of any age and the entries behind it; in order of change too."""
    async with running(tmp_path) as engine:
        await engine.submit(*EVERYTHING[:saved_after])
        await engine.archive.checkpointing.save()
        await engine.submit(*EVERYTHING[saved_after:])
        book = encoded(engine.book)

    async with running(tmp_path) as engine:
        assert engine.checkpoints.through == saved_after
        assert encoded(engine.book) == book


async def test_checkpoints_add_up(tmp_path: Path) -> None:
    """Each holds what changed since the one before."""
    async with running(tmp_path) as engine:
        for event in EVERYTHING:
            await engine.submit(event)
            await engine.archive.checkpointing.save()
        book = encoded(engine.book)

    async with running(tmp_path) as engine:
        assert engine.checkpoints.through == len(EVERYTHING)
        assert encoded(engine.book) == book


async def test_checkpoint_is_made_when_enough_came_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the pipeline itself, and what comes meanwhile belongs to the next one."""
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 3)
    async with running(tmp_path) as engine:
        engine.checkpoints.disk.free.clear()
        await engine.submit(*(bought_yes(f"t{i}") for i in range(3)))
        await engine.checkpoints.disk.reached.wait()
        await engine.submit(*(bought_yes(f"s{i}") for i in range(3)))
        engine.checkpoints.disk.free.set()
        await engine.checkpoints.saved.wait()
        assert engine.checkpoints.through == 3

        engine.checkpoints.saved.clear()
        await engine.checkpoints.saved.wait()
        assert engine.checkpoints.through == 6


async def test_long_tail_is_saved_while_the_service_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ready before its checkpoint is; the next start reads less."""
    async with running(tmp_path) as engine:
        await engine.submit(*EVERYTHING)
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 3)

    async with opened(tmp_path) as (journal, checkpoints):
        checkpoints.disk.free.clear()
        async with running_on(journal, checkpoints) as engine:
            await engine.submit(bought_yes("t9"))
            assert await engine.submit(EVERYTHING[0]) == [Verdict.DUPLICATE]
            assert checkpoints.through == 0
            checkpoints.disk.free.set()
            await checkpoints.saved.wait()
            assert checkpoints.through == len(EVERYTHING)
            assert await engine.submit(EVERYTHING[0]) == [Verdict.DUPLICATE]


async def test_start_reads_only_so_far_ahead_of_what_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not hold the index of a tail of any length."""
    async with running(tmp_path) as engine:
        await engine.submit(*(bought_yes(f"t{i}") for i in range(36)))
        book = encoded(engine.book)
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 3)

    async with opened(tmp_path, entries_a_slice=3) as (journal, checkpoints):
        checkpoints.disk.free.clear()
        recovered = Book()
        starting = asyncio.create_task(recover(recovered, journal, checkpoints))
        await checkpoints.disk.reached.wait()
        read, ahead = 3 + 4 * 3, 3
        assert await asyncio.to_thread(journal.wait_until_scanned, read + ahead)
        for _ in range(100):
            await asyncio.sleep(0)
        assert (journal.scanned, starting.done()) == (read + ahead, False)

        checkpoints.disk.free.set()
        archive = await starting
        await archive.checkpointing.finish()
        assert encoded(recovered) == book


async def test_checkpoint_that_fails_during_a_start_stops_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that fails later does; what is durable can be read."""
    async with running(tmp_path) as engine:
        await engine.submit(*EVERYTHING)
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 3)
    disk_full = JournalUnavailable("checkpoint.db cannot be written: disk full")

    async with opened(tmp_path) as (journal, checkpoints):
        checkpoints.disk.fails_before = disk_full
        async with running_on(journal, checkpoints) as engine:
            await asyncio.wait([engine.work])
            assert engine.pipeline.failure is disk_full
            assert engine.book.sequence == len(EVERYTHING)


async def test_nothing_new_is_not_saved(tmp_path: Path) -> None:
    """A start and a stop without events between write no checkpoint."""
    async with running(tmp_path) as engine:
        await engine.submit(bought_yes("t1"))
        await engine.archive.checkpointing.save()
        engine.checkpoints.saved.clear()
        await engine.archive.checkpointing.save()

        assert not engine.checkpoints.saved.is_set()


async def test_failed_checkpoint_stops_the_pipeline_even_when_nothing_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes no checkpoint is not one to go on with; what was acknowledged is still there."""
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 1)
    disk_full = JournalUnavailable("checkpoint.db cannot be written: disk full")
    async with running(tmp_path) as engine:
        engine.checkpoints.disk.fails_before = disk_full
        await engine.submit(bought_yes("t1"))

        await asyncio.wait([engine.work])
        assert engine.pipeline.failure is disk_full
        with pytest.raises(ServiceStopped, match="checkpoint"):
            await engine.submit(bought_yes("t2"))

    async with running(tmp_path) as engine:
        assert engine.book.sequence == 1
