"""Entries of rows put in order with what else changed them. Over random histories: properties/test_timeline.py."""

from openpositions.core.events import Bust, Entry, Settlement
from openpositions.core.history import HistoryEntry
from openpositions.core.market import undeclared_market
from openpositions.core.position import empty_row
from openpositions.core.timeline import Timeline
from tests.events import bought_yes

RAIN = undeclared_market("RAIN")
ALICE, BOB = ("alice", 0, "RAIN"), ("bob", 0, "RAIN")
FIRST, SECOND = Entry(1, bought_yes("t1")), Entry(5, bought_yes("t2"))


def test_settlement_stands_where_it_happened() -> None:
    """It is known from the market alone; an entry after it comes after it."""
    settled = RAIN._replace(result="yes", value_bp=10_000, settled_ts_ms=9, settled_sequence=3)
    timeline = Timeline([settled], {ALICE}.__contains__)

    entries = [*timeline.take([HistoryEntry(FIRST), HistoryEntry(SECOND)]), *timeline.finish()]

    assert entries == [FIRST, Entry(3, Settlement("RAIN", "yes", 10_000, 9)), SECOND]


def test_bust_stands_once_where_it_happened_with_the_rows_that_are_meant() -> None:
    """Not at the fills that it reversed; what it made of rows of others is left out."""
    rows = (empty_row(ALICE)._replace(sequence=7), empty_row(BOB)._replace(sequence=7))
    bust = Entry(7, Bust("b1", "t1", None, None, 0, (1, 5), rows))
    timeline = Timeline([RAIN], {ALICE}.__contains__)

    entries = [*timeline.take([HistoryEntry(FIRST, bust), HistoryEntry(SECOND, bust)]), *timeline.finish()]

    assert entries == [FIRST, SECOND, Entry(7, Bust("b1", "t1", None, None, 0, (1, 5), rows[:1]))]


def test_nothing_comes_before_its_turn() -> None:
    """What happened after the last entry is given at the end, since more entries may come."""
    timeline = Timeline([RAIN._replace(result="no", value_bp=0, settled_sequence=3)], {ALICE}.__contains__)

    assert list(timeline.take([HistoryEntry(FIRST)])) == [FIRST]
    assert list(timeline.finish()) == [Entry(3, Settlement("RAIN", "no", 0, 0))]
    assert list(timeline.finish()) == []
