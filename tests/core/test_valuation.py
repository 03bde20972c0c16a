"""Marks, market value, unrealized P&L and cash (accounting, "Other events" and "Balance")."""

import pytest

from openpositions.core.valuation import balance, mark_price, market_value, unrealized_pnl
from tests.events import bought_no, bought_yes
from tests.journaled_book import book_after


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


def test_balance_is_deposits_and_what_trading_left() -> None:
    """100.00, less 4.00 and a fee of 0.17 for 10 YES, 4 of them closed at 0.35 and 1 dollar a pair."""
    journaled = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), bought_no("t2", 4_00, 3500))

    assert balance(journaled.book.rows_of("alice"), 100_000000) == 100_000000 - 4_170000 - 1_400000 + 4_000000
