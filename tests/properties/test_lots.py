"""Lots, over random histories: they split the money of the book in another way, and lose none of it."""

from collections.abc import Sequence

from hypothesis import given

from openpositions.core.book import Batch
from openpositions.core.lot_ledger import LotLedger
from openpositions.core.lots import RowLots
from tests.histories import histories
from tests.journaled_book import JournaledBook
from tests.past import history_of

History = list[Sequence[Batch]]


def lived(history: History) -> JournaledBook:
    """The book after a history."""
    journaled = JournaledBook()
    for commit in history:
        journaled.commit(*commit)
    return journaled


@given(histories)
def test_flat_row_gained_what_it_realized(history: History) -> None:
    """All disposals of it together, whatever closed it: fills, settlements, adjustments, with busts left out."""
    journaled = lived(history)

    for row in journaled.book.rows():
        if row.position == 0:
            lots = RowLots(row.key, journaled.book.market(row.market_ticker))
            disposals = [
                disposal
                for item in history_of(journaled, [row.key])
                if not item.bust
                for disposal in lots.take(item.entry)
            ]
            assert sum(disposal.gain_micros for disposal in [*disposals, *lots.settle()]) == row.realized_pnl
            assert not lots.open


@given(histories)
def test_gains_less_basis_of_open_lots_are_realized_pnl_less_cost(history: History) -> None:
    """Of every row, with its fees and its contracts; and the ledger finds nothing that does not add up."""
    journaled = lived(history)
    book = journaled.book
    for user in ("alice", "bob", "carol"):
        rows = list(book.rows_of(user))
        ledger = LotLedger((row.key, book.market(row.market_ticker)) for row in rows)
        disposals = [
            disposal for item in history_of(journaled, [row.key for row in rows]) for disposal in ledger.take(item)
        ]
        disposals += ledger.finish()

        assert [ledger.violation(row) for row in rows] == [None] * len(rows)
        gained = sum(disposal.gain_micros for disposal in disposals)
        basis = sum(lot.basis_micros for _, lot in ledger.open_lots())
        assert gained - basis == sum(row.realized_pnl - row.cost for row in rows)
        sequences = [disposal.cause.sequence for disposal in disposals]
        assert sequences == sorted(sequences)


@given(histories)
def test_open_lots_are_of_one_side_and_their_parts_add_up(history: History) -> None:
    """A row never holds both sides, nor a lot of nothing."""
    journaled = lived(history)

    for row in journaled.book.rows():
        lots = RowLots(row.key, journaled.book.market(row.market_ticker))
        for item in history_of(journaled, [row.key]):
            if not item.bust:
                lots.take(item.entry)
                assert len({lot.is_yes for lot in lots.open}) <= 1
                assert all(lot.count_centi > 0 for lot in lots.open)
