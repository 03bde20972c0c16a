"""The marks of markets over time, wherever they are kept by now."""

from pathlib import Path

from openpositions.core.events import Mark
from openpositions.engine.marks import MarkSpan
from tests.engine.kept import Place, wherever
from tests.engine.running import Engine
from tests.events import marked

SPAN = MarkSpan(frozenset({"RAIN", "SUN"}), since_ms=0, until_ms=100, every_ms=10, through=99)
# One commit keeps one mark of a market, so each is fed alone.
FED = (
    marked(1000, ts_ms=5),
    marked(1100, ts_ms=7),
    marked(5000, ticker="SUN", ts_ms=12),
    marked(None, ts_ms=15),
    marked(1300, ts_ms=30),
    marked(9000, ticker="FOG", ts_ms=31),
)


async def feed(engine: Engine) -> None:
    """All of them, each in a commit of its own, but for the first, which is there."""
    for mark in FED[1:]:
        await engine.submit(mark)


@wherever
async def test_last_mark_of_every_step_is_given_in_order_of_time(tmp_path: Path, kept: Place) -> None:
    """Of the markets that are wanted; that a price became unknown is told too."""
    async with kept(tmp_path, FED[:1]) as engine:
        await feed(engine)

        assert await engine.archive.marks().within(SPAN) == [
            Mark("RAIN", 1100, 7),
            Mark("RAIN", None, 15),
            Mark("SUN", 5000, 12),
            Mark("RAIN", 1300, 30),
        ]


@wherever
async def test_span_leaves_out_what_is_earlier_later_or_came_after(tmp_path: Path, kept: Place) -> None:
    """Its beginning belongs to it, its end does not."""
    async with kept(tmp_path, FED[:1]) as engine:
        await feed(engine)
        marks = engine.archive.marks()

        assert await marks.within(SPAN._replace(since_ms=7, until_ms=15)) == [
            Mark("RAIN", 1100, 7),
            Mark("SUN", 5000, 12),
        ]
        assert await marks.within(SPAN._replace(through=1)) == [Mark("RAIN", 1000, 5)]


@wherever
async def test_last_mark_before_a_span_is_given_for_each_market(tmp_path: Path, kept: Place) -> None:
    """A market that had none is left out."""
    async with kept(tmp_path, FED[:1]) as engine:
        await feed(engine)
        marks = engine.archive.marks()

        assert await marks.before(SPAN._replace(since_ms=12)) == [Mark("RAIN", 1100, 7)]
        assert await marks.before(SPAN._replace(since_ms=12, through=1)) == [Mark("RAIN", 1000, 5)]
        assert await marks.before(SPAN) == []
