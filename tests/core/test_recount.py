"""A row as of any point, counted from its entries."""

import pytest

from openpositions.core.events import Entry, Event, row_key_of
from openpositions.core.market import Market, undeclared_market
from openpositions.core.recount import recount
from tests.events import adjusted, bought_no, bought_yes, settled
from tests.journaled_book import book_after

KEY = ("alice", 0, "RAIN")
OPEN = undeclared_market("RAIN")
SETTLED = OPEN._replace(result="yes", value_bp=10_000, settled_ts_ms=50, settled_sequence=4)


def test_no_entries_make_an_empty_row() -> None:
    """Settled or not."""
    assert recount(KEY, [], OPEN) == recount(KEY, [], SETTLED) == book_after().row()


@pytest.mark.parametrize("market", [OPEN, SETTLED], ids=["open", "settled"])
def test_row_counted_again_is_the_live_row(market: Market) -> None:
    """Sequence and time included."""
    events: list[Event] = [
        bought_yes("t1", 10_00, fee=3, ts_ms=10),
        adjusted("a1", fees=1, ts_ms=20),
        bought_no("t2", 4_00, ts_ms=30),
    ]
    settlements: list[Event] = [settled("yes", ts_ms=50), bought_no("late", 2_00, ts_ms=60)] if market.settled else []
    journaled = book_after(*events, *settlements)

    entries = [entry for entry in journaled.entries if row_key_of(entry.event) == KEY]

    assert recount(KEY, entries, market) == journaled.row()


def test_position_that_was_flat_when_its_market_settled_keeps_its_own_sequence() -> None:
    """The settlement did not change it."""
    entries = [Entry(1, bought_yes("t1", ts_ms=10)), Entry(2, bought_no("t2", ts_ms=20))]

    row = recount(KEY, entries, SETTLED)

    assert (row.sequence, row.ts_ms) == (2, 20)
