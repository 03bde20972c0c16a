"""What an adjustment does, and when it is refused (accounting, "Other events")."""

import pytest

from openpositions.core.outcomes import Verdict
from tests.events import adjusted, bought_no, bought_yes, determined, paid_in, settled
from tests.journaled_book import JournaledBook, book_after, refusal_of


def test_opening_balance_makes_a_position_without_a_trade() -> None:
    """100 YES that cost 40.00: volumes, total traded and received stay 0."""
    row = book_after(adjusted("a1", position=100_00, cost=40_000000, reason="opening balance")).row()

    assert (row.position, row.cost) == (100_00, 40_000000)
    assert (row.volume, row.total_traded, row.received) == (0, 0, 0)


def test_amounts_are_added_with_their_signs() -> None:
    """Each field changes by what is stated, the others stay."""
    row = book_after(
        bought_yes("t1", 10_00, 4000, fee=170_000),
        adjusted("a1", position=-2_00, cost=-1_000000, realized_pnl=-500_000, fees=-70_000),
    ).row()

    assert (row.position, row.cost, row.realized_pnl, row.fees_paid) == (8_00, 3_000000, -500_000, 100_000)
    assert (row.volume, row.total_traded, row.sequence) == (10_00, 4_000000, 2)


def test_time_of_an_adjusted_row_never_goes_back() -> None:
    """An opening balance dated last year leaves the time of the last fill."""
    assert book_after(bought_yes("t1", ts_ms=20), adjusted("a1", ts_ms=10)).row().ts_ms == 20


def test_opening_balance_can_be_a_no_position() -> None:
    """Negative contracts, a cost that is positive like any."""
    row = book_after(adjusted("a1", position=-5_00, cost=2_000000), bought_yes("t1", 5_00, 3000)).row()

    assert (row.position, row.cost, row.realized_pnl) == (0, 0, 1_500000)


def test_adjusted_position_closes_by_its_new_average() -> None:
    """10 YES for 4.00, made 20 for 10.00: closing 5 at 0.40 releases 2.50 and realizes 0.50."""
    row = book_after(
        bought_yes("t1", 10_00, 4000), adjusted("a1", position=10_00, cost=6_000000), bought_no("t2", 5_00, 4000)
    ).row()

    assert (row.position, row.cost, row.realized_pnl) == (15_00, 7_500000, 500_000)


def test_fee_cost_leaves_with_the_last_contract() -> None:
    """Adjusted to flat, nothing is held that could have fees."""
    row = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), adjusted("a1", position=-10_00, cost=-4_000000)).row()

    assert (row.position, row.cost, row.fee_cost, row.fees_paid) == (0, 0, 0, 170_000)


@pytest.mark.parametrize(
    ("position", "cost", "problem"),
    [
        (0, -4_000001, "cost would be negative (-1 micros)"),
        (0, -4_000000, "cost would be 0 micros for a position of 1000/100 contracts"),
        (-10_00, 0, "cost would be 4000000 micros for a position of 0/100 contracts"),
        (0, 6_000001, "cost would be 10000001 micros, more than 1 dollar a contract for 1000/100 contracts"),
    ],
)
def test_adjustment_that_breaks_the_cost_of_a_row_is_refused(position: int, cost: int, problem: str) -> None:
    """Cost lies between 0 and 1 dollar a contract, and is 0 exactly when flat."""
    journaled = book_after(bought_yes("t1", 10_00, 4000))
    before = journaled.row()

    refusal = refusal_of(journaled.feed(adjusted("a1", position=position, cost=cost)))

    assert refusal == ("breaks_invariant", f"adjustment 'a1': {problem}")
    assert (journaled.row(), journaled.book.sequence) == (before, 1)


def test_cost_of_exactly_one_dollar_a_contract_is_allowed() -> None:
    """The bound belongs to what is allowed."""
    assert book_after(adjusted("a1", position=10_00, cost=10_000000)).row().cost == 10_000000


@pytest.mark.parametrize(("position", "cost"), [(1_00, 500_000), (0, 1), (-1_00, 0)])
def test_settled_market_keeps_position_and_cost(position: int, cost: int) -> None:
    """Both are 0 for ever."""
    refusal = refusal_of(book_after(settled("yes")).feed(adjusted("a1", position=position, cost=cost)))

    assert refusal == ("market_settled", "market RAIN is settled: position and cost may not change")


def test_settled_market_takes_other_amounts() -> None:
    """A payout that the venue rounded comes as realized P&L and cash."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000), settled("scalar", 3333), adjusted("a1", realized_pnl=7_000, cash=7_000)
    )

    row = journaled.row()
    assert row.realized_pnl == -667_000 + 7_000
    assert journaled.cash() == -660_000


def test_determined_market_may_still_be_adjusted() -> None:
    """Only the settlement closes it."""
    assert book_after(determined("yes"), adjusted("a1", position=1_00, cost=500_000)).row().position == 1_00


def test_cash_changes_by_what_the_adjustment_states_and_nothing_else() -> None:
    """An opening balance that states no cash leaves the balance alone, though it has a cost and fees."""
    journaled = book_after(
        paid_in("c1", 250_000000), adjusted("a1", position=100_00, cost=40_000000, realized_pnl=3_000000, fees=1_000000)
    )

    assert journaled.cash() == 250_000000


def test_stated_cash_moves_the_balance() -> None:
    """Cash alone, with its sign."""
    journaled = book_after(paid_in("c1", 250_000000), adjusted("a1", cash=-10_000000))

    assert journaled.cash() == 240_000000


def test_adjustment_without_amounts_still_makes_a_row() -> None:
    """It is recorded with its reason, and its repeat is a duplicate."""
    journaled = JournaledBook()

    assert journaled.feed(adjusted("a1"), adjusted("a1")) == [Verdict.ACCEPTED, Verdict.DUPLICATE]
    assert journaled.row().sequence == 1
