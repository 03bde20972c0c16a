"""The past of a user, wherever its entries are kept by now."""

from pathlib import Path

import pytest

from openpositions.core.history import Moment
from openpositions.engine import past as past_module
from openpositions.engine.archive import Span
from openpositions.engine.past import Past
from tests.engine.kept import Place, wherever
from tests.engine.running import Engine, running
from tests.events import adjusted, bought_no, bought_yes, busted, settled

EVENTS = (
    bought_yes("t1", ts_ms=10),
    bought_yes("t2", ticker="SUN", ts_ms=20),
    adjusted("a1", fees=1, ts_ms=30),
    bought_yes("t3", subaccount=7, ts_ms=40),
    bought_yes("t1", user="bob", ts_ms=50),
    bought_no("t4", 4_00, ts_ms=60),
    bought_yes("t5", ts_ms=70),
    busted("b1", "t5", ts_ms=80),
    settled("yes", ts_ms=90),
)
ALL = 1 << 62


async def sequences_of(engine: Engine, span: Span, limit: int = 100) -> list[tuple[int, int | None]]:
    """Sequences of alice's entries, and of the busts that reversed them."""
    items = await Past(engine.book, engine.archive).entries("alice", span, limit)
    return [(entry.sequence, bust.sequence if bust else None) for entry, bust in items]


@wherever
async def test_entries_of_a_user_are_read_oldest_first(tmp_path: Path, kept: Place) -> None:
    """Narrowed by markets, subaccount and sequences; the busted one comes with its bust."""
    async with kept(tmp_path, EVENTS) as engine:
        assert await sequences_of(engine, Span(0, ALL)) == [
            (1, None),
            (2, None),
            (3, None),
            (4, None),
            (6, None),
            (7, 8),
        ]
        assert await sequences_of(engine, Span(1, 4)) == [(2, None), (3, None), (4, None)]
        assert await sequences_of(engine, Span(0, ALL, frozenset(["SUN", "FOG"]))) == [(2, None)]
        assert await sequences_of(engine, Span(0, ALL, frozenset(["RAIN"]), 7)) == [(4, None)]
        assert await sequences_of(engine, Span(0, ALL, frozenset())) == []
        assert await sequences_of(engine, Span(0, ALL), limit=2) == [(1, None), (2, None)]


@wherever
async def test_entries_are_read_slice_by_slice(tmp_path: Path, kept: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, also where a slice is exactly full."""
    monkeypatch.setattr(past_module, "ENTRIES_A_SLICE", 3)
    async with kept(tmp_path, EVENTS) as engine:
        past = Past(engine.book, engine.archive)

        slices = [[one.entry.sequence for one in some] async for some in past.slices("alice", Span(0, ALL))]

    assert slices == [[1, 2, 3], [4, 6, 7]]


@wherever
async def test_rows_as_of_a_sequence(tmp_path: Path, kept: Place) -> None:
    """One that did not change since, one that did, and one that was not there yet."""
    async with kept(tmp_path, EVENTS) as engine:
        now = list(engine.book.rows_of("alice"))

        rows = await Past(engine.book, engine.archive).rows("alice", now, Moment(3))

        found = {key: (row.position, row.fees_paid, row.sequence) for key, row in rows.items()}
        assert found == {("alice", 0, "RAIN"): (10_00, 1, 3), ("alice", 0, "SUN"): (10_00, 0, 2)}


@wherever
async def test_rows_as_of_now_are_those_of_the_book(tmp_path: Path, kept: Place) -> None:
    """Whether they are taken from it or counted again."""
    async with kept(tmp_path, EVENTS) as engine:
        now = {row.key: row for row in engine.book.rows_of("alice")}
        past = Past(engine.book, engine.archive)

        assert await past.rows("alice", now.values(), Moment(9)) == now
        assert await past.rows("alice", now.values(), Moment(9, ts_ms=90)) == now
        assert (await past.rows("alice", now.values(), Moment(9, ts_ms=89)))["alice", 0, "RAIN"].position == 6_00


async def test_many_entries_in_memory_are_passed_over_with_pauses(tmp_path: Path) -> None:
    """Two thousand fills of one market do not hide the one of another."""
    async with running(tmp_path) as engine:
        await engine.submit(*(bought_yes(f"t{number}") for number in range(2_000)), bought_yes("last", ticker="SUN"))

        assert await sequences_of(engine, Span(0, ALL, frozenset(["SUN"]))) == [(2_001, None)]
