"""How events become durable and shown, one commit at a time (house, "The way of one fill")."""

import asyncio
from pathlib import Path

import pytest

from openpositions.core.outcomes import Refusal, Verdict
from openpositions.engine.pipeline import EVENTS_WAITING, FILLS_A_COMMIT
from openpositions.errors import JournalUnavailable, ServiceStopped
from tests.engine.running import running
from tests.events import adjusted, bought_yes, busted, marked, settled

DISK_FULL = JournalUnavailable("journal.db cannot be written: disk full")


# ---------------------------------------------------------------- commits


async def test_receipt_comes_when_the_event_is_durable_and_shown(tmp_path: Path) -> None:
    """With its outcome and the head of the journal."""
    async with running(tmp_path) as engine:
        receipt = await engine.pipeline.submit([bought_yes("t1"), bought_yes("t2")])

        assert receipt == ([Verdict.ACCEPTED, Verdict.ACCEPTED], 2)
        assert engine.journal.head == engine.book.sequence == 2
        assert [change.sequence for draft in engine.published for change in draft.changes] == [1, 2]


async def test_nothing_is_shown_before_it_is_durable(tmp_path: Path) -> None:
    """While the disk holds the commit back, the book is as it was."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        waiting = engine.later(bought_yes("t1"))
        await engine.journal.disk.reached.wait()

        assert (engine.book.sequence, engine.published, waiting.done()) == (0, [], False)
        engine.journal.disk.free.set()
        assert await waiting == [Verdict.ACCEPTED]


async def test_commit_is_shown_when_readers_have_caught_up(tmp_path: Path) -> None:
    """It is durable by then, and the next one waits behind it."""
    async with running(tmp_path) as engine:
        engine.readers.clear()
        first, second = engine.later(bought_yes("t1")), engine.later(bought_yes("t2"))
        await engine.journal.disk.reached.wait()
        while engine.journal.head < 1:  # noqa: ASYNC110 - the journal's own thread moves it
            await asyncio.sleep(0)

        assert (engine.book.sequence, first.done()) == (0, False)
        engine.readers.set()
        assert [await first, await second] == [[Verdict.ACCEPTED], [Verdict.ACCEPTED]]


async def test_what_comes_during_a_commit_is_the_next_commit(tmp_path: Path) -> None:
    """All of it, each batch with its own outcomes."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        first = engine.later(bought_yes("t1"))
        await engine.journal.disk.reached.wait()
        others = [engine.later(bought_yes("t2"), bought_yes("t1")), engine.later(bought_yes("t3"))]
        engine.journal.disk.free.set()

        assert await asyncio.gather(first, *others) == [
            [Verdict.ACCEPTED],
            [Verdict.ACCEPTED, Verdict.DUPLICATE],
            [Verdict.ACCEPTED],
        ]
        assert engine.journal.commits == [1, 2]


async def test_long_batch_is_committed_in_pieces(tmp_path: Path) -> None:
    """Its outcomes come together and in order."""
    events = [bought_yes(f"t{i}", 1) for i in range(2 * FILLS_A_COMMIT + 5)]
    async with running(tmp_path) as engine:
        outcomes = await engine.submit(*events, bought_yes("t0", 1))

        assert engine.journal.commits == [FILLS_A_COMMIT, FILLS_A_COMMIT, 5]
        assert outcomes == [Verdict.ACCEPTED] * len(events) + [Verdict.DUPLICATE]


async def test_batch_of_busts_is_committed_in_short_pieces(tmp_path: Path) -> None:
    """Each counts a row again from all its entries, and others have to wait meanwhile."""
    async with running(tmp_path) as engine:
        await engine.submit(*(bought_yes(f"t{i}", 1) for i in range(60)))

        outcomes = await engine.submit(*(busted(f"b{i}", f"t{i}") for i in range(60)))

        assert outcomes == [Verdict.ACCEPTED] * 60
        assert engine.journal.commits == [60, 16, 16, 16, 12]


async def test_settlements_are_committed_in_pieces_by_their_holders(tmp_path: Path) -> None:
    """Each changes a row for every holder; one alone is never divided."""
    async with running(tmp_path) as engine:
        for ticker in ("RAIN", "SNOW", "SUN"):
            await engine.submit(*(bought_yes(f"{ticker}{i}", 1, user=f"u{i}", ticker=ticker) for i in range(5_000)))
        engine.journal.commits.clear()

        await engine.submit(*(settled("yes", ticker=ticker) for ticker in ("RAIN", "SNOW", "SUN")))

        assert engine.journal.commits == [1, 1, 1]


async def test_atomic_batch_is_one_commit_however_long(tmp_path: Path) -> None:
    """All or none needs that."""
    async with running(tmp_path) as engine:
        await engine.submit(*(bought_yes(f"t{i}", 1) for i in range(FILLS_A_COMMIT + 5)), atomic=True)

        assert engine.journal.commits == [FILLS_A_COMMIT + 5]


async def test_atomic_batch_with_a_refusal_changes_nothing(tmp_path: Path) -> None:
    """Nothing is written for it, and the batches beside it are taken."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        first = engine.later(bought_yes("t1"))
        await engine.journal.disk.reached.wait()
        atomic = asyncio.create_task(engine.submit(bought_yes("t2"), adjusted("a1", cost=1, ticker="SUN"), atomic=True))
        beside = engine.later(bought_yes("t3"))
        engine.journal.disk.free.set()
        await first

        withdrawn, refusal = await atomic
        assert withdrawn is Verdict.WITHDRAWN
        assert isinstance(refusal, Refusal)
        assert await beside == [Verdict.ACCEPTED]
        assert engine.book.sequence == 2


async def test_batch_of_duplicates_writes_nothing(tmp_path: Path) -> None:
    """There is nothing to make durable and nothing to tell."""
    async with running(tmp_path) as engine:
        await engine.submit(bought_yes("t1"))

        receipt = await engine.pipeline.submit([bought_yes("t1")])

        assert receipt == ([Verdict.DUPLICATE], 1)
        assert (engine.journal.commits, len(engine.published)) == ([1], 1)


async def test_empty_batch_tells_the_head(tmp_path: Path) -> None:
    """Atomic or not."""
    async with running(tmp_path) as engine:
        await engine.submit(bought_yes("t1"))

        assert await engine.pipeline.submit([]) == ([], 1)
        assert await engine.pipeline.submit([], atomic=True) == ([], 1)


async def test_marks_of_one_commit_are_one_entry(tmp_path: Path) -> None:
    """The latest; each of them was accepted."""
    async with running(tmp_path) as engine:
        outcomes = await engine.submit(marked(5000, ts_ms=1), marked(6000, ts_ms=2))

        assert outcomes == [Verdict.ACCEPTED, Verdict.ACCEPTED]
        assert engine.journal.commits == [1]
        assert engine.book.market("RAIN").mark_bp == 6000


async def test_caller_that_goes_away_does_not_undo_its_batch(tmp_path: Path) -> None:
    """Nor does it disturb the others of the commit."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        leaving, staying = engine.later(bought_yes("t1")), engine.later(bought_yes("t2"))
        await engine.journal.disk.reached.wait()
        leaving.cancel()
        engine.journal.disk.free.set()

        assert await staying == [Verdict.ACCEPTED]
        assert engine.book.sequence == 2


# ---------------------------------------------------------------- backpressure and draining


async def test_submitting_waits_while_too_much_waits(tmp_path: Path) -> None:
    """What has room is taken and committed by a stop, what waits for room is not; feeding that again is safe."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        committing = engine.later(bought_yes("first", 1))
        await engine.journal.disk.reached.wait()
        with_room = engine.later(*(bought_yes(f"t{i}", 1) for i in range(EVENTS_WAITING)))
        without_room = engine.later(bought_yes("last", 1))
        draining = asyncio.create_task(engine.pipeline.drain())
        engine.journal.disk.free.set()
        await draining

        assert await committing == [Verdict.ACCEPTED]
        assert await with_room == [Verdict.ACCEPTED] * EVENTS_WAITING
        with pytest.raises(ServiceStopped, match="is stopping; feed it again in a moment"):
            await without_room
        assert engine.book.sequence == 1 + EVENTS_WAITING


async def test_submitting_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """Nobody who waited is forgotten."""
    async with running(tmp_path) as engine:
        batches = [
            engine.later(*(bought_yes(f"{batch}-{i}", 1) for i in range(EVENTS_WAITING))) for batch in range(2)
        ]  # fmt: skip
        assert await asyncio.gather(*batches) == [[Verdict.ACCEPTED] * EVENTS_WAITING] * 2


async def test_drained_pipeline_takes_nothing_more(tmp_path: Path) -> None:
    """It says that the service is stopping, and that this passes."""
    async with running(tmp_path) as engine:
        await engine.pipeline.drain()

        with pytest.raises(ServiceStopped, match="is stopping; feed it again in a moment"):
            await engine.submit(bought_yes("t1"))


async def test_cancelled_pipeline_tells_whoever_waits(tmp_path: Path) -> None:
    """Nobody waits for ever."""
    async with running(tmp_path) as engine:
        engine.journal.disk.free.clear()
        committing = engine.later(bought_yes("t1"))
        await engine.journal.disk.reached.wait()
        waiting = engine.later(bought_yes("t2"))
        engine.work.cancel()

        for caller in (committing, waiting):
            with pytest.raises(ServiceStopped):
                await caller


async def test_events_wait_for_a_checkpoint_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unsaved is kept in memory: with four checkpoints' worth of it the next commit waits for the disk."""
    monkeypatch.setattr("openpositions.engine.checkpointing.ENTRIES_A_CHECKPOINT", 1)
    async with running(tmp_path) as engine:
        engine.checkpoints.disk.free.clear()
        for number in range(5):
            assert await engine.submit(bought_yes(f"t{number}")) == [Verdict.ACCEPTED]

        held_back = engine.later(bought_yes("t5"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(held_back), 0.05)

        engine.checkpoints.disk.free.set()
        assert await held_back == [Verdict.ACCEPTED]


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize("durable", [False, True])
async def test_failed_append_stops_loudly_and_a_new_start_knows(tmp_path: Path, *, durable: bool) -> None:
    """Every caller is told and nothing is shown; what became durable is found by the next start, fed again or not."""
    async with running(tmp_path) as engine:
        disk = engine.journal.disk
        disk.fails_before, disk.fails_after = (None, DISK_FULL) if durable else (DISK_FULL, None)
        disk.free.clear()
        committing = engine.later(bought_yes("t1"))
        await disk.reached.wait()
        waiting = [engine.later(bought_yes("t2")), engine.later(*(bought_yes(f"s{i}") for i in range(EVENTS_WAITING)))]
        no_room = engine.later(bought_yes("t3"))
        disk.free.set()

        for caller in (committing, *waiting, no_room, engine.later(bought_yes("t4"))):
            with pytest.raises(ServiceStopped, match=r"takes no events: .*: disk full; restart"):
                await caller
        with pytest.raises(JournalUnavailable):
            await engine.work
        assert engine.pipeline.failure is DISK_FULL
        assert (engine.book.sequence, engine.published) == (0, [])

    async with running(tmp_path) as engine:
        assert engine.book.sequence == int(durable)
        assert await engine.submit(bought_yes("t1")) == [Verdict.DUPLICATE if durable else Verdict.ACCEPTED]


async def test_mistake_of_our_own_stops_too_and_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    """What was written stays true; the caller is told to feed it again."""
    async with running(tmp_path) as engine:
        engine.published = None  # type: ignore[assignment]  # so publishing fails

        with pytest.raises(ServiceStopped, match="takes no events: an internal error"):
            await engine.submit(bought_yes("t1"))

        assert isinstance(engine.pipeline.failure, AttributeError)


async def test_drain_of_a_failed_pipeline_ends(tmp_path: Path) -> None:
    """There is nothing to wait for."""
    async with running(tmp_path) as engine:
        engine.journal.disk.fails_before = DISK_FULL
        with pytest.raises(ServiceStopped):
            await engine.submit(bought_yes("t1"))

        await engine.pipeline.drain()
