"""What was taken is found again, wherever it is kept by now: in memory, in a checkpoint, after a restart."""

import asyncio
from pathlib import Path

import pytest

from openpositions.core.identity import Identity
from openpositions.core.outcomes import Refusal, Verdict
from openpositions.engine.archive import Span
from openpositions.journal.base import EntryRange
from tests.engine.kept import Place, being_saved, in_a_checkpoint, in_both, wherever
from tests.engine.running import Engine
from tests.events import adjusted, bought_no, bought_yes, busted, paid_in, settled
from tests.journaled_book import book_after, encoded


@wherever
async def test_repeats_are_duplicates_and_change_nothing(tmp_path: Path, kept: Place) -> None:
    """Every kind of event that has an identity."""
    events = (bought_yes("t1", fee=5), adjusted("a1", fees=1), paid_in("c1", 5), bought_yes("t2"), busted("b1", "t2"))
    async with kept(tmp_path, events) as engine:
        before = encoded(engine.book)

        assert await engine.submit(*events) == [Verdict.DUPLICATE] * 5
        assert encoded(engine.book) == before


@wherever
async def test_repeat_with_other_content_is_a_conflict(tmp_path: Path, kept: Place) -> None:
    """The message says what is recorded."""
    async with kept(tmp_path, (bought_yes("t1", 1_00), bought_yes("t2", 2_00))) as engine:
        refusals = await engine.submit(bought_yes("t1", 3_00), bought_yes("t2", 3_00))

        assert [refusal.code for refusal in refusals if isinstance(refusal, Refusal)] == ["conflict", "conflict"]
        assert "count_fp 1.00 is recorded, this one has 3.00" in str(refusals[0])
        assert "count_fp 2.00 is recorded, this one has 3.00" in str(refusals[1])


@wherever
async def test_equal_keys_of_the_index_are_no_equal_identities(tmp_path: Path, kept: Place) -> None:
    """The entries themselves are compared: both sides of the trade count, and both are found again."""
    sides = (bought_yes("t1", user="oylvaaxi"), bought_no("t1", user="eywpoohi"))
    assert Identity("fill", "t1", "oylvaaxi").key == Identity("fill", "t1", "eywpoohi").key
    async with kept(tmp_path, sides) as engine:
        assert engine.book.sequence == 2
        assert await engine.submit(*sides) == [Verdict.DUPLICATE] * 2


async def test_identity_is_found_while_its_checkpoint_becomes_durable(tmp_path: Path) -> None:
    """No moment is in between."""
    async with being_saved(tmp_path, (bought_yes("t1"),)) as engine:
        engine.checkpoints.disk.free.set()
        while not engine.checkpoints.saved.is_set():
            assert await engine.submit(bought_yes("t1")) == [Verdict.DUPLICATE]


# ---------------------------------------------------------------- busts


@wherever
async def test_bust_counts_the_row_again_from_all_its_entries(tmp_path: Path, kept: Place) -> None:
    """As if the fill had never been, wherever the other entries are by now; other rows are left alone."""
    events = (
        bought_yes("t1", 10_00, 4000),
        bought_yes("t2", 10_00, 6000),
        adjusted("a1", realized_pnl=5),
        bought_no("t3", 5_00, 3000),
        bought_yes("t1", 10_00, 4000, user="bob"),
        bought_yes("t4", subaccount=7),
        bought_yes("t5", ticker="SUN"),
    )
    bust = busted("b1", "t1")
    async with kept(tmp_path, events) as engine:
        assert await engine.submit(bust) == [Verdict.ACCEPTED]

        assert encoded(engine.book) == encoded(book_after(*events, bust).book)


async def test_bust_may_come_with_the_fill_that_it_reverses(tmp_path: Path) -> None:
    """The row's history is from before the batch."""
    async with in_both(tmp_path, (bought_yes("t1"), bought_no("t2", 4_00))) as engine:
        outcomes = await engine.submit(bought_no("t3", 3_00), busted("b1", "t3"))

        assert outcomes == [Verdict.ACCEPTED, Verdict.ACCEPTED]
        assert engine.book.row(("alice", 0, "RAIN")).position == 6_00


async def test_bust_id_may_be_used_again_after_a_refusal(tmp_path: Path) -> None:
    """In the same batch too: a refused event leaves no trace."""
    async with in_a_checkpoint(tmp_path, (bought_yes("t1"),)) as engine:
        refusal, accepted = await engine.submit(busted("b1", "unheard of"), busted("b1", "t1"))

        assert isinstance(refusal, Refusal)
        assert accepted is Verdict.ACCEPTED


@wherever
async def test_bust_of_a_settled_row_keeps_it_settled(tmp_path: Path, kept: Place) -> None:
    """The fills before the settlement and the one after it."""
    events = (bought_yes("t1"), bought_yes("t2", 5_00), settled("yes"), bought_yes("t3", 1_00))
    bust = busted("b1", "t2")
    async with kept(tmp_path, events) as engine:
        assert await engine.submit(bust) == [Verdict.ACCEPTED]

        assert encoded(engine.book) == encoded(book_after(*events, bust).book)


# ---------------------------------------------------------------- fills and histories


FILLS = (
    bought_yes("t1"),
    bought_yes("t2", ticker="SUN"),
    adjusted("a1", fees=1),
    bought_yes("t3", subaccount=7),
    bought_yes("t1", user="bob"),
    bought_no("t4"),
    bought_yes("t5"),
    busted("b1", "t5"),
)


async def fills_of(
    engine: Engine,
    ticker: str | None = None,
    subaccount: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[int]:
    """The sequences of alice's fills."""
    found = await engine.archive.fills("alice", ticker=ticker, subaccount=subaccount, before=before, limit=limit)
    return [entry.sequence for entry in found]


@wherever
async def test_standing_fills_of_a_user_are_read_newest_first(tmp_path: Path, kept: Place) -> None:
    """Narrowed by market, subaccount or both; the busted one is not among them."""
    async with kept(tmp_path, FILLS) as engine:
        assert await fills_of(engine) == [6, 4, 2, 1]
        assert await fills_of(engine, ticker="RAIN") == [6, 4, 1]
        assert await fills_of(engine, subaccount=0) == [6, 2, 1]
        assert await fills_of(engine, ticker="RAIN", subaccount=7) == [4]
        assert await fills_of(engine, ticker="FOG") == []


@wherever
async def test_fills_are_read_page_by_page(tmp_path: Path, kept: Place) -> None:
    """The first page holds the busted one only, so the next is read in its place; after the last there is none."""
    async with kept(tmp_path, FILLS) as engine:
        pages = [await fills_of(engine, limit=1)]
        while pages[-1]:
            pages.append(await fills_of(engine, before=pages[-1][-1], limit=1))

        assert pages == [[6], [4], [2], [1], []]


@wherever
async def test_history_of_a_row_is_read_in_order(tmp_path: Path, kept: Place) -> None:
    """Fills, busted ones included, and adjustments."""
    async with kept(tmp_path, FILLS) as engine:
        history = await engine.archive.history(("alice", 0, "RAIN"))

        assert [entry.sequence for entry in history] == [1, 3, 6, 7]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("durable", ["before", "after"])
async def test_entries_are_given_once_while_their_checkpoint_becomes_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: str, *, newest_first: bool
) -> None:
    """Before the store is asked, or right after it: some are in an old checkpoint, some in the new, some in none."""
    async with in_both(tmp_path, tuple(bought_yes(f"t{number}") for number in range(1, 4))) as engine:
        store = engine.checkpoints
        store.disk.free.clear()
        store.disk.reached.clear()
        saving = asyncio.create_task(engine.archive.checkpointing.save())
        await store.disk.reached.wait()
        await engine.submit(bought_yes("t4"), bought_yes("t5"))
        ask = store.entries_in

        async def finish_saving() -> None:
            store.disk.free.set()
            await saving

        async def entries_in(wanted: EntryRange, limit: int) -> list[int]:
            if durable == "before":
                await finish_saving()
            found = await ask(wanted, limit)
            await finish_saving()
            return found

        monkeypatch.setattr(store, "entries_in", entries_in)
        found = await engine.archive.entries_in("alice", Span(0, 99, newest_first=newest_first), 10)

    assert [entry.sequence for entry in found] == ([5, 4, 3, 2, 1] if newest_first else [1, 2, 3, 4, 5])
