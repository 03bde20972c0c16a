"""Profit and loss of rows, change by change and mark by mark. Over random histories: properties/test_timeline.py."""

from openpositions.core.pnl import Move, Point, ProfitAndLoss, move
from openpositions.core.position import empty_row


def test_move_is_the_difference_of_two_rows() -> None:
    """What was held of the other side is given up."""
    before = empty_row(("alice", 0, "RAIN"))._replace(position=10_00, cost=4_000000, fees_paid=10)
    after = before._replace(position=-5_00, cost=2_000000, realized_pnl=1_000000, fees_paid=25)

    assert move(before, after) == Move(
        realized_pnl=1_000000, fees_paid=15, cost=-2_000000, yes_centi=-10_00, no_centi=5_00
    )


def test_nothing_is_worth_nothing() -> None:
    """Before anything came, unrealized P&L is 0 and not unknown."""
    assert ProfitAndLoss().point(7) == Point(7, 0, 0, 0, 0, 0, 0)


def test_both_sides_of_a_market_are_valued_apart() -> None:
    """10 YES at 0.40 and 5 NO at 0.70, of two subaccounts, at a mark of 0.60: 6 and 2 dollars for 4 and 3.50."""
    pnl = ProfitAndLoss()
    pnl.mark("RAIN", 6000)
    pnl.move("RAIN", Move(cost=4_000000, yes_centi=10_00, fees_paid=3))
    pnl.move("RAIN", Move(cost=3_500000, no_centi=5_00))

    point = pnl.point(9)
    assert point == Point(9, 0, 500000, 3, 7_500000, 1, 0)
    assert point.total_pnl == 500000


def test_one_open_market_without_a_mark_leaves_all_unrealized_unknown() -> None:
    """Until it is closed, or marked."""
    pnl = ProfitAndLoss()
    pnl.mark("RAIN", 6000)
    pnl.move("RAIN", Move(cost=4_000000, yes_centi=10_00))
    pnl.move("SUN", Move(cost=1_000000, no_centi=2_00))
    unknown = pnl.point(1)
    pnl.move("SUN", Move(realized_pnl=500000, cost=-1_000000, no_centi=-2_00))
    known = pnl.point(2)

    assert (unknown.unrealized_pnl, unknown.total_pnl) == (None, None)
    assert (unknown.open_markets, unknown.unmarked_markets) == (2, 1)
    assert (known.unrealized_pnl, known.total_pnl) == (2_000000, 2_500000)
    assert (known.open_markets, known.unmarked_markets) == (1, 0)


def test_mark_counts_only_where_something_is_held_and_the_price_is_another() -> None:
    """So that a point is made only where one is needed."""
    pnl = ProfitAndLoss()
    flat = pnl.mark("RAIN", 6000)
    pnl.move("RAIN", Move(yes_centi=1_00))

    assert [flat, pnl.mark("RAIN", 6000), pnl.mark("RAIN", 6100), pnl.mark("RAIN", None)] == [False, False, True, True]
