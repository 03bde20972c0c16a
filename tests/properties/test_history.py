"""Rows as they were, over random histories: they are what the book had then."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.book import Batch
from openpositions.core.events import Bust, Event, Settlement
from openpositions.core.history import Moment
from openpositions.core.position import Position, RowKey
from openpositions.core.recount import recount
from tests.histories import histories
from tests.journaled_book import JournaledBook
from tests.past import history_of, row_as_of

History = list[Sequence[Batch]]


def lived(history: History) -> tuple[JournaledBook, dict[int, dict[RowKey, Position]]]:
    """The book after a history, and every row as of each sequence."""
    journaled = JournaledBook()
    rows: dict[RowKey, Position] = {}
    rows_at: dict[int, dict[RowKey, Position]] = {}
    for commit in history:
        for change in journaled.commit(*commit)[0].changes:
            rows = rows | {change.after.key: change.after}
            rows_at[change.sequence] = rows
    return journaled, rows_at


@given(histories)
def test_row_as_of_a_sequence_is_the_row_that_the_book_had(history: History) -> None:
    """Every row at every sequence, to the last field: busts and settlements that came later take nothing away."""
    journaled, rows_at = lived(history)

    for sequence, rows in rows_at.items():
        for row in journaled.book.rows():
            assert row_as_of(journaled, Moment(sequence), row.key) == rows.get(row.key)


def happened(journaled: JournaledBook, ts_ms: int) -> list[Event]:
    """The events up to a time, in order of sequence, busts counted as if only these had come."""
    return [entry.event for entry in journaled.entries if entry.event.ts_ms <= ts_ms]


@given(histories, st.integers(0, 1000))
def test_row_as_of_a_time_is_made_of_what_had_happened(history: History, ts_ms: int) -> None:
    """The fills up to then that no bust up to then felled, the adjustments, and the settlement if it was before."""
    journaled, _ = lived(history)
    felled = {
        sequence
        for _, event in journaled.entries
        if isinstance(event, Bust) and event.ts_ms <= ts_ms
        for sequence in event.fills
    }
    settled = {event.market_ticker for event in happened(journaled, ts_ms) if isinstance(event, Settlement)}
    for row in journaled.book.rows():
        market = journaled.book.market(row.market_ticker)
        if row.market_ticker not in settled:
            market = market._replace(settled_sequence=None, settled_ts_ms=None, result=None, value_bp=None)
        entries = [one.entry for one in history_of(journaled, [row.key]) if one.entry.event.ts_ms <= ts_ms]
        expected = recount(row.key, [entry for entry in entries if entry.sequence not in felled], market)

        found = row_as_of(journaled, Moment(journaled.book.sequence, ts_ms), row.key)

        assert (found is None) == (not entries)
        if found is not None:
            assert figures(found) == figures(expected)
            assert found.ts_ms <= ts_ms


@given(histories)
def test_row_as_of_the_end_of_time_is_the_row_of_now(history: History) -> None:
    """Sequence and time included."""
    journaled, _ = lived(history)

    for row in journaled.book.rows():
        assert row_as_of(journaled, Moment(journaled.book.sequence, 10**15), row.key) == row


@given(histories, st.integers(0, 1000), st.data())
def test_row_that_need_not_be_counted_again_is_what_counting_gives(
    history: History, ts_ms: int, data: st.DataObject
) -> None:
    """A row that did not change since the moment is what it was."""
    journaled, _ = lived(history)
    head = journaled.book.sequence
    moment = data.draw(st.sampled_from([Moment(head, ts_ms), Moment(ts_ms % (head + 1))]))

    for row in journaled.book.rows():
        if moment.is_past(row, journaled.book.market(row.market_ticker)):
            assert row_as_of(journaled, moment, row.key) == row


def figures(row: Position) -> Position:
    """A row without when it changed."""
    return row._replace(sequence=0, ts_ms=0)
