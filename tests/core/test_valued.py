"""What a user holds in a market over several subaccounts, and sums of that."""

from openpositions.core.market import Market
from openpositions.core.position import empty_row
from openpositions.core.valued import ValuedMarket, ValuedSum

YES = empty_row(("alice", 0, "RAIN"))._replace(position=10_00, cost=4_000000, realized_pnl=7, fees_paid=3)
NO = empty_row(("alice", 1, "RAIN"))._replace(position=-5_00, cost=3_500000)
MARKED = Market("RAIN", "WEATHER", mark_bp=6000)


def valued(ticker: str = "RAIN", *, mark_bp: int | None) -> ValuedMarket:
    """Both rows in one market."""
    market = ValuedMarket(ticker, ticker)
    market.add(YES, 1)
    market.add(NO, 1)
    market.value(MARKED._replace(mark_bp=mark_bp))
    return market


def test_sides_of_two_subaccounts_are_both_worth_something() -> None:
    """10 YES and 5 NO are net 5, but at 0.60 they are worth 6 and 2 dollars."""
    market = valued(mark_bp=6000)

    assert (market.position, market.exposure, market.realized_pnl, market.fees_paid) == (5_00, 7_500000, 7, 3)
    assert (market.market_value, market.unrealized_pnl) == (8_000000, 500000)
    assert market.event_ticker == "WEATHER"


def test_net_zero_of_two_subaccounts_is_open() -> None:
    """Each still holds something."""
    market = ValuedMarket("RAIN", "RAIN")
    market.add(YES, 1)
    market.add(NO._replace(position=-10_00), 1)

    assert (market.position, market.is_open) == (0, True)


def test_row_taken_out_again_leaves_nothing() -> None:
    """Then it is worth 0 whatever the mark; unknown is only what is open."""
    market = valued(mark_bp=6000)
    market.add(YES, -1)
    market.add(NO, -1)
    market.value(MARKED._replace(mark_bp=None))

    assert (market.is_open, market.position, market.exposure, market.market_value) == (False, 0, 0, 0)


def test_without_a_mark_the_value_is_unknown() -> None:
    """And so is what it gained."""
    market = valued(mark_bp=None)

    assert (market.market_value, market.unrealized_pnl) == (None, None)


def test_sum_values_the_markets_that_have_a_mark() -> None:
    """The exposure is that of all; with no mark at all the value is unknown, with nothing open it is 0."""
    marked, unmarked, sums = valued(mark_bp=6000), valued("SUN", mark_bp=None), ValuedSum()
    nothing = (sums.counts, sums.market_value, sums.unrealized_pnl)
    sums.add(unmarked, 1)
    unknown = (sums.open_markets, sums.market_value, sums.unrealized_pnl)
    sums.add(marked, 1)
    known = (sums.open_markets, sums.exposure, sums.market_value, sums.unrealized_pnl)
    sums.add(unmarked, -1)
    sums.add(marked, -1)

    assert nothing == (False, 0, 0)
    assert unknown == (1, None, None)
    assert known == (2, 15_000000, 8_000000, 500000)
    assert (sums.counts, sums.open_markets, sums.exposure, sums.market_value) == (False, 0, 0, 0)
