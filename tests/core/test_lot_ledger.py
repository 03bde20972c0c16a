"""The lots of all rows of a user, held against the rows of the book."""

import pytest

from openpositions.core.lot_ledger import LotLedger
from openpositions.core.position import Position
from tests.events import bought_no, bought_yes, settled
from tests.journaled_book import JournaledBook, book_after
from tests.past import ALICE, history_of

HOLDING = book_after(bought_yes("t1", 4_00, 4000, fee=7))
HELD = HOLDING.row()


def ledger_of(journaled: JournaledBook) -> LotLedger:
    """A ledger of alice's, before its first entry."""
    rows = journaled.book.rows_of("alice")
    return LotLedger((row.key, journaled.book.market(row.market_ticker)) for row in rows)


def test_disposals_come_in_the_order_of_the_journal() -> None:
    """A settlement stands before the fill of another market that came after it."""
    journaled = book_after(
        bought_yes("t1", ticker="SUN"), bought_yes("t2"), settled("yes", ticker="SUN"), bought_no("t3"), settled("no")
    )
    ledger = ledger_of(journaled)

    items = history_of(journaled, [row.key for row in journaled.book.rows_of("alice")])
    disposals = [disposal for item in items for disposal in ledger.take(item)] + list(ledger.finish())

    assert [(one.key[2], one.cause.sequence) for one in disposals] == [("SUN", 3), ("RAIN", 4)]


@pytest.mark.parametrize(
    ("row", "violation"),
    [
        (HELD._replace(realized_pnl=5), "gains less basis are -1600000 micros, realized P&L less cost -1599995"),
        (HELD._replace(fees_paid=8), "fees are 7 micros, the row paid 8"),
        (HELD._replace(position=3_00), "lots hold 400/100 contracts, the row 300"),
    ],
)
def test_row_that_does_not_add_up_is_named(row: Position, violation: str) -> None:
    """By the first of money, fees and contracts that differs."""
    ledger = ledger_of(HOLDING)
    for item in history_of(HOLDING, [ALICE]):
        list(ledger.take(item))

    assert ledger.violation(HELD) is None
    assert ledger.violation(row) == violation
