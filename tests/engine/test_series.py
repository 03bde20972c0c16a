"""Profit and loss over time, wherever entries and marks are kept by now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from openpositions.core.book import Book
from openpositions.core.events import Entry, Event, Mark
from openpositions.core.outcomes import Verdict
from openpositions.core.pnl import Point
from openpositions.engine import series as series_module
from openpositions.engine.past import Past
from openpositions.engine.series import SeriesQuery, market_series, series
from openpositions.errors import InvalidInput
from tests.engine.running import Engine, running
from tests.events import adjusted, bought_no, bought_yes, busted, marked, settled
from tests.totals import Totals, totals

HOUR = 3_600_000

Shown = tuple[float, float, float | None]


async def points_of(engine: Engine, **query: object) -> list[Point]:
    """Alice's series, by the hour unless it is said otherwise."""
    wanted = SeriesQuery(HOUR, engine.book.sequence)._replace(**query)  # type: ignore[arg-type]
    return await series(Past(engine.book, engine.archive), engine.archive, engine.book, "alice", wanted)


def shown(points: list[Point]) -> list[Shown]:
    """Hour, realized and total P&L in dollars."""
    return [
        (point.ts_ms / HOUR, point.realized_pnl / 1e6, None if point.total_pnl is None else point.total_pnl / 1e6)
        for point in points
    ]


@asynccontextmanager
async def kept(directory: Path, saved_after: int | None, *, restarted: bool) -> AsyncIterator[Engine]:
    """An engine that took EVENTS, each in a commit of its own, with a checkpoint after so many of them."""
    async with running(directory) as engine:
        for number, event in enumerate(EVENTS):
            await engine.submit(event)
            if number == saved_after:
                await engine.archive.checkpointing.save()
        if not restarted:
            yield engine
            return
    async with running(directory) as engine:
        yield engine


wherever = pytest.mark.parametrize(
    ("saved_after", "restarted"), [(None, False), (None, True), (3, False), (6, True), (10, False)]
)


EVENTS: tuple[Event, ...] = (
    marked(3000, ts_ms=HOUR // 2),
    bought_yes("t1", 10_00, 4000, fee=7, ts_ms=10 * HOUR),
    marked(5000, ts_ms=12 * HOUR + 1),
    marked(6000, ts_ms=12 * HOUR + 2),
    bought_no("t2", 5_00, 3000, ts_ms=15 * HOUR - 1),
    bought_yes("t3", 1_00, 4000, ticker="SUN", ts_ms=15 * HOUR),
    marked(4500, ticker="SUN", ts_ms=16 * HOUR),
    marked(None, ticker="SUN", ts_ms=17 * HOUR),
    bought_no("t4", 1_00, 6000, ticker="SUN", ts_ms=18 * HOUR),
    settled("no", ts_ms=20 * HOUR),
    marked(9000, ts_ms=30 * HOUR),
)
POINTS = [
    (11, 0, -1.0),
    (13, 0, 2.0),
    (15, 1.5, 2.5),
    (16, 1.5, None),
    (17, 1.5, 2.55),
    (18, 1.5, None),
    (19, 1.5, 2.5),
    (21, -0.5, -0.5),
]


@wherever
async def test_points_are_where_anything_changed(tmp_path: Path, saved_after: int | None, *, restarted: bool) -> None:
    """By the last mark of the hour, the one from before the first fill included; unknown where there is none."""
    async with kept(tmp_path, saved_after, restarted=restarted) as engine:
        points = await points_of(engine)

        assert shown(points) == POINTS
        assert (points[0].exposure, points[0].fees_paid, points[0].open_markets) == (4_000000, 7, 1)
        assert (points[3].open_markets, points[3].unmarked_markets) == (2, 1)


@wherever
async def test_series_of_a_market(tmp_path: Path, saved_after: int | None, *, restarted: bool) -> None:
    """What the others did is not in it."""
    async with kept(tmp_path, saved_after, restarted=restarted) as engine:
        assert shown(await points_of(engine, ticker="SUN")) == [(16, 0, None), (17, 0, 0.05), (18, 0, None), (19, 0, 0)]
        assert await points_of(engine, ticker="FOG") == []
        assert await points_of(engine, subaccount=3) == []


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (15, 18, POINTS[2:5]),
        (14, 16, [(14, 0, 2.0), *POINTS[2:3]]),
        (22, None, [(22, -0.5, -0.5)]),
        (None, 11, []),
        (None, 12, POINTS[:1]),
        (17.5, 40, POINTS[5:]),
        (30, 20, []),
    ],
)
async def test_span(tmp_path: Path, since: float | None, until: float | None, expected: list[Shown]) -> None:
    """Of points from a time on, before another; the first is there even if nothing changed just before it."""
    async with kept(tmp_path, None, restarted=False) as engine:
        points = await points_of(
            engine,
            since_ms=None if since is None else int(since * HOUR),
            until_ms=None if until is None else int(until * HOUR),
        )

    assert shown(points) == expected


async def test_bust_shows_when_it_happened(tmp_path: Path) -> None:
    """Before, the series is what the book had."""
    async with running(tmp_path) as engine:
        await engine.submit(
            bought_yes("t1", 10_00, 4000, ts_ms=6 * HOUR),
            bought_no("t2", 10_00, 3000, ts_ms=6 * HOUR),
            busted("b1", "t1", ts_ms=8 * HOUR),
        )

        assert shown(await points_of(engine)) == [(7, 3.0, 3.0), (9, 0, None)]


async def test_time_of_a_row_does_not_go_back(tmp_path: Path) -> None:
    """A late entry shows at the time of its row; another row, fed later with earlier times, shows at its own."""
    async with running(tmp_path) as engine:
        await engine.submit(
            adjusted("a1", realized_pnl=1_000000, ts_ms=5 * HOUR),
            adjusted("late", realized_pnl=500_000, ts_ms=1 * HOUR),
            adjusted("other", realized_pnl=200_000, ticker="SUN", ts_ms=2 * HOUR),
        )

        assert shown(await points_of(engine)) == [(3, 0.2, 0.2), (6, 1.7, 1.7)]


async def test_series_of_a_market_over_all_its_users(tmp_path: Path) -> None:
    """With their busts and the settlement; other markets are not in it, nor what came after the head."""
    async with running(tmp_path) as engine:
        await engine.submit(
            marked(5000, ts_ms=0),
            bought_yes("t1", 10_00, 4000, ts_ms=HOUR),
            bought_yes("t2", 10_00, 4500, user="bob", ts_ms=HOUR),
            bought_no("t3", 5_00, 6000, user="carol", ts_ms=2 * HOUR),
            bought_yes("t4", 5_00, 4000, user="carol", ticker="SUN", ts_ms=2 * HOUR),
            busted("b1", "t2", ts_ms=3 * HOUR),
            settled("yes", ts_ms=4 * HOUR),
            bought_yes("late", 1_00, 9000, user="bob", ts_ms=5 * HOUR),
        )
        past, wanted = Past(engine.book, engine.archive), SeriesQuery(HOUR, engine.book.sequence - 1)

        points = await market_series(past, engine.archive, engine.book, "RAIN", wanted)
        with_late = await market_series(past, engine.archive, engine.book, "RAIN", wanted._replace(through=8))

        assert shown(points) == [(2, 0, 1.5), (3, 0, 1.0), (4, 0, 0.5), (5, 3.0, 3.0)]
        assert shown(with_late) == [*shown(points), (6, 3.1, 3.1)]
        assert await market_series(past, engine.archive, engine.book, "FOG", wanted) == []


async def test_entries_after_the_head_that_is_asked_for_are_not_in_it(tmp_path: Path) -> None:
    """Nor their busts and settlements."""
    async with kept(tmp_path, None, restarted=False) as engine:
        assert shown(await points_of(engine, through=9)) == POINTS[:-1]


async def test_too_many_points_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what would do."""
    async with running(tmp_path) as engine:
        await engine.submit(bought_yes("t1", ts_ms=0), bought_yes("t2", ticker="SUN", ts_ms=10_000_000))

        with pytest.raises(InvalidInput, match=r"every is too short: 10001 points, at most 10000; make it 2s or"):
            await points_of(engine, every_ms=1_000)
        assert len(await points_of(engine, every_ms=1_000, until_ms=10_000_000)) == 1
        monkeypatch.setattr(series_module, "MOST_MOVES", 1)
        with pytest.raises(InvalidInput, match=r"markets moved in more than 1 spans; make it 7200s or longer"):
            await points_of(engine)


def naive_points(events: list[Event], every_ms: int) -> list[tuple[int, Totals]]:
    """At the end of every hour the totals of the last versions of rows, and the last marks, of times before it."""
    book = Book()
    changes = book.replay([Entry(number, event) for number, event in enumerate(events, 1)]).changes
    marks = [event for event in events if isinstance(event, Mark)]
    found = []
    for ts_ms in range(every_ms, max(event.ts_ms for event in events) + every_ms + 1, every_ms):
        rows = {one.after.key: one.after for one in changes if one.after.user_id == "alice" and one.after.ts_ms < ts_ms}
        valued = Book()
        valued.replay([Entry(number, mark) for number, mark in enumerate(marks, 1) if mark.ts_ms < ts_ms])
        found.append((ts_ms, totals(rows.values(), valued.market)))
    return found


@pytest.mark.parametrize("seed", range(2))
async def test_series_is_what_books_made_anew_say(tmp_path: Path, seed: int) -> None:
    """At every hour, over random fills and marks, half of them in a checkpoint."""
    chance = Random(seed)
    events: list[Event] = []
    time_ms = 0
    for number in range(120):
        time_ms += chance.choice([0, HOUR // 3, HOUR])
        ticker = chance.choice(["RAIN", "SUN", "FOG"])
        price = chance.randrange(1, 10_000)
        choice = chance.randrange(10)
        if choice < 4:
            events.append(marked(chance.choice([price, price, None]), ticker=ticker, ts_ms=time_ms))
        else:
            buy = chance.choice([bought_yes, bought_no])
            count, late = chance.randrange(1, 500), chance.choice([0, 0, 2 * HOUR])
            events.append(buy(f"t{number}", count, price, ticker=ticker, ts_ms=max(0, time_ms - late)))
    events.append(bought_yes("last", ts_ms=time_ms))
    async with running(tmp_path) as engine:
        taken: list[Event] = []
        for number, event in enumerate(events):
            if await engine.submit(event) == [Verdict.ACCEPTED]:
                taken.append(event)
            if number == 60:
                await engine.archive.checkpointing.save()
        found = {point.ts_ms: point for point in await points_of(engine)}

    point: Point | None = None
    for ts_ms, expected in naive_points(taken, HOUR):
        point = found.get(ts_ms, point)
        if point is None:
            assert expected == Totals(0, 0, 0, 0, 0, 0, 0, ())
            continue
        unrealized = None if expected.unmarked_markets else expected.unrealized_pnl
        assert (point.realized_pnl, point.unrealized_pnl, point.exposure) == (
            expected.realized_pnl,
            unrealized,
            expected.exposure,
        )
