"""Marks, unrealized P&L and totals (accounting, "Other events" and "Balance")."""

import pytest

from openpositions.core.valuation import Totals, balance, mark_price, market_value, totals, unrealized_pnl
from tests.events import bought_no, bought_yes, marked, settled
from tests.journaled_book import JournaledBook, book_after


@pytest.mark.parametrize(
    ("price", "bid", "ask", "mark"),
    [
        (6000, 5900, 6500, 6000),
        (None, 5900, 6100, 6000),
        (0, 5900, 6100, 6000),
        (None, 5900, 6001, 5950),
        (None, 5900, 5903, 5902),
        (None, 0, 6100, None),
        (None, None, 6100, None),
        (None, 5900, 10_000, None),
        (None, 5900, None, None),
        (None, None, None, None),
        (0, 0, 10_000, None),
    ],
    ids=[
        "last price", "middle", "price 0 is absent", "tie to even, down", "tie to even, up", "bid 0 is absent",
        "no bid", "ask 1 is absent", "no ask", "nothing", "an empty book",
    ],
)  # fmt: skip
def test_mark_is_last_price_else_middle_else_unknown(
    price: int | None, bid: int | None, ask: int | None, mark: int | None
) -> None:
    """The middle of 0.5900 and 0.6001 is 0.59505: half to even is 0.5950; of 0.5903 it is 0.5902."""
    assert mark_price(price, bid, ask) == mark


def test_yes_position_is_worth_the_mark() -> None:
    """10 YES at a mark of 0.60, bought at 0.40."""
    row = book_after(bought_yes("t1", 10_00, 4000)).row()

    assert (market_value(row, 6000), unrealized_pnl(row, 6000)) == (6_000000, 2_000000)


def test_no_position_is_worth_one_dollar_less_the_mark() -> None:
    """10 NO at a mark of 0.60 are worth 0.40 each; bought at 0.55 they lost 1.50."""
    row = book_after(bought_no("t1", 10_00, 5500)).row()

    assert (market_value(row, 6000), unrealized_pnl(row, 6000)) == (4_000000, -1_500000)


def test_unknown_mark_leaves_value_and_unrealized_pnl_unknown() -> None:
    """Unknown is never 0."""
    row = book_after(bought_yes("t1")).row()

    assert (market_value(row, None), unrealized_pnl(row, None)) == (None, None)


@pytest.mark.parametrize("mark", [6000, None])
def test_flat_position_is_worth_nothing_with_or_without_a_mark(mark: int | None) -> None:
    """That is known."""
    row = book_after(bought_yes("t1"), bought_no("t2")).row()

    assert (market_value(row, mark), unrealized_pnl(row, mark)) == (0, 0)


def totals_of(journaled: JournaledBook, user: str = "alice") -> Totals:
    """The totals of all rows of a user."""
    return totals(journaled.book.rows_of(user), journaled.book.market)


def test_totals_sum_open_settled_and_flat_rows() -> None:
    """Realized P&L and fees over all rows; exposure, value and count over the open ones."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, ticker="OPEN", fee=10),
        marked(6000, ticker="OPEN"),
        bought_yes("t2", 10_00, 4000, ticker="SETTLED", fee=20),
        settled("yes", ticker="SETTLED"),
        bought_yes("t3", 10_00, 4000, ticker="FLAT", fee=30),
        bought_no("t4", 10_00, 7000, ticker="FLAT"),
    )

    assert totals_of(journaled) == Totals(
        realized_pnl=6_000000 - 1_000000,
        unrealized_pnl=2_000000,
        fees_paid=60,
        exposure=4_000000,
        market_value=6_000000,
        unmarked_cost=0,
        open_markets=1,
        unmarked_markets=(),
    )


def test_markets_without_a_mark_are_named_and_counted_at_cost() -> None:
    """They add nothing to unrealized P&L; their cost is told apart from the value of the marked ones."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, ticker="RAIN"),
        bought_no("t2", 10_00, 2000, ticker="HAIL"),
        bought_yes("t3", 10_00, 4000, ticker="SNOW"),
        marked(3000, ticker="SNOW"),
    )

    sums = totals_of(journaled)
    assert sums.unmarked_markets == ("HAIL", "RAIN")
    assert (sums.unmarked_cost, sums.market_value, sums.unrealized_pnl) == (6_000000, 3_000000, -1_000000)


def test_market_held_in_two_subaccounts_is_one_open_market() -> None:
    """Its rows are valued one by one, its name told once."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 5_00, 2000, subaccount=1))

    sums = totals_of(journaled)
    assert (sums.open_markets, sums.unmarked_markets, sums.exposure) == (1, ("RAIN",), 5_000000)


def test_totals_of_nobody_are_0() -> None:
    """A user without rows has no unknown either."""
    assert totals_of(book_after(), "nobody") == Totals(0, 0, 0, 0, 0, 0, 0, ())


def test_balance_is_deposits_and_what_trading_left() -> None:
    """100.00, less 4.00 and a fee of 0.17 for 10 YES, 4 of them closed at 0.35 and 1 dollar a pair."""
    journaled = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), bought_no("t2", 4_00, 3500))

    assert balance(journaled.book.rows_of("alice"), 100_000000) == 100_000000 - 4_170000 - 1_400000 + 4_000000
