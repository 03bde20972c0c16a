"""What holds between fills: both sides of trades, their order, and their busts."""

from collections import defaultdict, deque

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.events import Event, Fill, Settlement, row_key_of
from openpositions.core.outcomes import Verdict
from openpositions.core.position import Position, RowKey
from tests.events import busted
from tests.histories import fills, outcomes, trades
from tests.journaled_book import JournaledBook

settlements = outcomes.map(lambda outcome: Settlement("RAIN", outcome[0], outcome[1], ts_ms=0))


def numbered(many: list[Fill]) -> list[Fill]:
    """The fills with trade ids of their own, so that none is a duplicate."""
    return [msgspec.structs.replace(fill, trade_id=f"t{number}") for number, fill in enumerate(many)]


distinct_fills = st.lists(fills, max_size=30).map(numbered)


def book_of(events: list[Event]) -> JournaledBook:
    """A book that accepted all of these events."""
    journaled = JournaledBook()
    assert journaled.feed(*events) == [Verdict.ACCEPTED] * len(events)
    return journaled


def figures(row: Position) -> Position:
    """A row without when it changed."""
    return row._replace(sequence=0, ts_ms=0)


@given(trades(), st.data())
def test_positions_of_a_market_add_up_to_0(both_sides: list[Fill], data: st.DataObject) -> None:
    """Invariant 5: also when some trades were busted for both users."""
    undone = data.draw(st.sets(st.sampled_from(sorted({fill.trade_id for fill in both_sides}) or ["none"])))
    busts = [busted(f"of {trade_id}", trade_id) for trade_id in sorted(undone - {"none"})]

    journaled = book_of([*both_sides, *busts])

    assert sum(row.position for row in journaled.book.rows()) == 0


@given(trades(), outcomes.filter(lambda outcome: outcome[0] != "void"), st.data())
def test_realized_pnl_of_a_settled_market_adds_up_to_0(
    both_sides: list[Fill], outcome: tuple[str, int | None], data: st.DataObject
) -> None:
    """Invariant 5: what one user wins another loses, whether their fills came before the settlement or after it."""
    place = data.draw(st.integers(0, len(both_sides)))
    settlement = Settlement("RAIN", outcome[0], outcome[1], ts_ms=0)

    journaled = book_of([*both_sides[:place], settlement, *both_sides[place:]])

    assert sum(row.realized_pnl for row in journaled.book.rows()) == 0
    assert all(row.position == 0 for row in journaled.book.rows())


@given(distinct_fills, st.data())
def test_order_of_fills_of_different_rows_does_not_matter(many: list[Fill], data: st.DataObject) -> None:
    """Invariant 6: interleaved another way, each row's own fills in their order, every row is the same."""
    waiting: dict[RowKey | None, deque[Fill]] = defaultdict(deque)
    for fill in many:
        waiting[row_key_of(fill)].append(fill)
    turns = data.draw(st.permutations([row_key_of(fill) for fill in many]))

    as_fed = book_of([*many])
    interleaved = book_of([waiting[key].popleft() for key in turns])

    rows = [sorted(row._replace(sequence=0) for row in journaled.book.rows()) for journaled in (as_fed, interleaved)]
    assert rows[0] == rows[1]


@given(distinct_fills.filter(bool), settlements, st.data())
def test_busted_fill_leaves_no_trace_in_the_rows(many: list[Fill], settlement: Settlement, data: st.DataObject) -> None:
    """Every row is what it would have been if the fill had never been fed, settled or not."""
    undone = data.draw(st.sampled_from(many))
    events: list[Event] = [*many]
    events.insert(data.draw(st.integers(0, len(many))), settlement)

    with_bust = book_of([*events, busted("b1", undone.trade_id)])
    without = book_of([event for event in events if event is not undone])

    for row in with_bust.book.rows():
        assert figures(row) == figures(without.book.row(row.key))


@given(distinct_fills)
def test_time_of_a_row_is_the_latest_of_its_fills(many: list[Fill]) -> None:
    """It never goes back, whatever the order of arrival."""
    journaled = book_of([*many])

    for row in journaled.book.rows():
        assert row.ts_ms == max(fill.ts_ms for fill in many if row_key_of(fill) == row.key)
