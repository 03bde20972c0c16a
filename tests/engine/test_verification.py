"""What a verification checks, and what it finds in directories that are not as they must be."""

import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import msgspec

from openpositions.core.book import Book
from openpositions.core.events import Bust, Entry, Event
from openpositions.core.outcomes import Refusal
from openpositions.core.position import Position, empty_row
from openpositions.engine.contents import contents_of
from openpositions.engine.verification import Verification, verify
from tests.engine.running import Engine, running
from tests.events import adjusted, bought_no, bought_yes, busted, declared, determined, marked, paid_in, settled

TRADE = (bought_yes("t1", price=4000), bought_no("t1", price=6000, user="bob"))


@asynccontextmanager
async def fed(directory: Path, *events: Event) -> AsyncIterator[Engine]:
    """An engine that took these events, each in a commit of its own."""
    async with running(directory) as engine:
        for event in events:
            (outcome,) = await engine.submit(event)
            assert not isinstance(outcome, Refusal), outcome
        yield engine


async def verified(engine: Engine) -> Verification:
    """What a verification of the engine says."""
    return await verify(engine.journal, engine.checkpoints, partial(contents_of, engine.book))


async def append_unchecked(engine: Engine, *events: Event) -> None:
    """Makes entries durable and shows them that no rule allowed."""
    entries = [Entry(engine.book.sequence + number, event) for number, event in enumerate(events, 1)]
    await engine.journal.append(entries)
    engine.book.replay(entries)


async def test_nothing_is_in_order(tmp_path: Path) -> None:
    """An empty directory has no differences."""
    async with fed(tmp_path) as engine:
        assert await verified(engine) == Verification()


async def test_every_kind_of_event_is_verified(tmp_path: Path) -> None:
    """With half of them in a checkpoint, late fills, a one-sided bust and all results."""
    async with fed(
        tmp_path,
        *TRADE,
        bought_yes("t2", ticker="SUN"),
        bought_no("t2", ticker="SUN", user="bob"),
        adjusted("a1", position=5_00, cost=2_000000, ticker="SNOW"),
        busted("b1", "t1", user="bob"),
        determined("yes", ticker="SUN"),
    ) as engine:
        await engine.archive.checkpointing.save()
        await engine.submit(
            settled("yes", ticker="SUN"),
            bought_yes("t3", ticker="SUN"),
            bought_no("t3", ticker="SUN", user="bob"),
            busted("b2", "t2"),
            settled("void", ticker="SNOW"),
            paid_in("c1", 5),
            declared("WEATHER"),
            marked(5000),
        )

        verification = await verified(engine)

    assert verification == Verification(
        sequence=15,
        entries=15,
        positions=5,
        checkpoint_through=7,
        identities=6,
        busts=2,
        balanced_markets=1,
    )


async def test_random_histories_are_in_order(tmp_path: Path) -> None:
    """What the rules allow, the verification finds right: fills, busts and settlements as they come."""
    draw = random.Random(7)
    async with running(tmp_path) as engine:
        for number in range(400):
            ticker, trade = draw.choice("ABCDE"), f"t{draw.randrange(150)}"
            side, user = draw.choice([bought_yes, bought_no]), draw.choice(["alice", "bob"])
            price, count = draw.randrange(1, 10_000), draw.randrange(1, 500)
            events: list[Event] = [side(f"t{number}", count, price, fee=draw.randrange(99), user=user, ticker=ticker)]
            if draw.random() < 0.2:
                events.append(busted(f"b{number}", trade))
            if draw.random() < 0.01:
                events.append(settled("scalar", 4321, ticker=ticker))
            await engine.submit(*events)
            if number == 200:
                await engine.archive.checkpointing.save()

        verification = await verified(engine)

    assert (verification.difference_count, verification.busts > 10) == (0, True)


async def test_live_book_that_is_not_the_journals_is_found(tmp_path: Path) -> None:
    """Field by field."""
    async with fed(tmp_path, *TRADE) as engine:
        row = engine.book.row(("alice", 0, "RAIN"))
        other = Book()
        rows = [row._replace(cost=1, ts_ms=2), engine.book.row(("bob", 0, "RAIN"))]
        other.load(2, rows=rows, markets=[], accounts={("carol", 0): 7}, busted={})

        verification = await verify(engine.journal, engine.checkpoints, partial(contents_of, other))

    assert verification.differences == [
        "live book: position alice 0 RAIN: cost is 1, the journal makes it 4000000; ts_ms is 2, the journal makes it 0",
        "live book: account carol 0: is nowhere in the journal",
    ]


async def test_identity_that_the_index_lost_is_found(tmp_path: Path) -> None:
    """A repeat of that fill would be counted twice."""
    async with fed(tmp_path, *TRADE) as engine:
        await engine.archive.checkpointing.save()
        with closing(sqlite3.connect(tmp_path / "checkpoint.db")) as connection, connection:
            connection.execute("DELETE FROM identities WHERE sequence = 2")

        verification = await verified(engine)

    assert verification.differences == ["checkpoint: the identity of entry 2 is not in its index"]


async def test_recorded_bust_that_would_be_refused_today_is_in_order(tmp_path: Path) -> None:
    """Without the trade the settled row owed 3 dollars of cost when it was settled; what became of it is right."""
    left = Position("alice", 0, "RAIN", 0, 0, 13_000000, 0, 0, 10_00, 1_000000, 0, 0, 10_000000, 5, 0, 10_000000)
    fills = bought_yes("t1", 10_00, 5000), bought_yes("t2", 10_00, 1000)
    async with fed(tmp_path, *fills, adjusted("a1", cost=-4_000000), settled("yes")) as engine:
        await append_unchecked(engine, Bust("b1", "t1", None, None, 0, fills=(1,), rows=(left,)))

        verification = await verified(engine)

    assert (verification.differences, verification.busts) == ([], 1)


async def test_bust_with_wrong_rows_is_found(tmp_path: Path) -> None:
    """It is counted again from the fills that stood, and its rows break what must always hold."""
    async with fed(tmp_path, *TRADE, bought_yes("t2"), bought_no("t2", user="bob")) as engine:
        wrong = engine.book.row(("alice", 0, "RAIN"))._replace(position=5_00, cost=-1, sequence=5)
        await append_unchecked(engine, msgspec.structs.replace(busted("b1", "t2"), fills=(3, 4), rows=(wrong,)))

        verification = await verified(engine)

    counted, position, market = verification.differences
    assert counted.startswith("bust b1 at entry 5: it records Bust(bust_id='b1', ")
    assert position == "position alice 0 RAIN at entry 5: cost would be negative (-1 micros)"
    assert market == "market RAIN: positions add up to -1500/100 contracts"


async def test_entry_that_no_rule_allows_is_found(tmp_path: Path) -> None:
    """An adjustment that was written past the rules contradicts the entries before it."""
    async with fed(tmp_path, *TRADE) as engine:
        await engine.journal.append([Entry(3, adjusted("a1", cost=-5_000000))])
        engine.book.sequence = 3

        verification = await verified(engine)

    (difference,) = verification.differences
    assert difference.startswith("entry 3 contradicts the entries before it: ")


async def test_damaged_journal_is_a_difference(tmp_path: Path) -> None:
    """With what the journal says of it."""
    async with fed(tmp_path, *TRADE) as engine:
        with closing(sqlite3.connect(tmp_path / "journal.db")) as connection, connection:
            connection.execute("UPDATE entries SET body = replace(body, '4000', '4001') WHERE sequence = 1")

        verification = await verified(engine)

    assert verification.difference_count == 1
    assert "entries 1 to 2 are not what was written" in verification.differences[0]


async def test_market_of_which_one_side_was_fed_need_not_add_up(tmp_path: Path) -> None:
    """Neither one that lacks the other user, nor one in which only one side was busted."""
    async with fed(
        tmp_path, bought_yes("t1"), bought_yes("t2", ticker="SUN"), bought_no("t2", ticker="SUN", user="bob")
    ) as engine:
        await engine.submit(busted("b1", "t2", user="bob"))

        verification = await verified(engine)

    assert (verification.differences, verification.balanced_markets) == ([], 0)


async def test_other_side_that_comes_after_the_bust_is_not_missed(tmp_path: Path) -> None:
    """The bust felled what was there; the late side stands, and stands alone."""
    async with fed(tmp_path, bought_yes("t1"), busted("b1", "t1"), bought_no("t1", user="bob")) as engine:
        verification = await verified(engine)

    assert (verification.differences, verification.balanced_markets) == ([], 0)


async def test_only_the_first_differences_are_named(tmp_path: Path) -> None:
    """All are counted."""
    async with fed(tmp_path) as engine:
        other = Book()
        other.load(
            0, rows=[empty_row((f"u{number}", 0, "RAIN")) for number in range(150)], markets=[], accounts={}, busted={}
        )

        verification = await verify(engine.journal, engine.checkpoints, partial(contents_of, other))

    assert (verification.difference_count, len(verification.differences)) == (150, 100)
