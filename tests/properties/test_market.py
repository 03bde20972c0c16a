"""The simulated market under any seed and size: what the accounting and the venue's rules say of it holds."""

from collections import defaultdict
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.book import Batch
from openpositions.core.events import Event, Fill
from openpositions.core.outcomes import Refusal
from openpositions.testing.market import SimulatedMarket
from tests.journaled_book import JournaledBook

SEEDS, USERS, MARKETS = st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30)
STEPS = 60


def played(seed: int, users: int, markets: int) -> list[Event]:
    """The events of some steps."""
    market = SimulatedMarket(seed, [f"user-{number}" for number in range(users)], name="SIM", markets=markets)
    events = market.opening(1_000)
    for number in range(STEPS):
        events += market.step(2_000 + number).events
    return events


@given(SEEDS, USERS, MARKETS)
def test_a_seed_plays_the_same_again(seed: int, users: int, markets: int) -> None:
    """To the last event; another seed plays something else."""
    assert played(seed, users, markets) == played(seed, users, markets)
    assert played(seed, users, markets) != played(seed + 1, users, markets)


@given(SEEDS, USERS, MARKETS)
def test_both_sides_of_every_trade_are_given(seed: int, users: int, markets: int) -> None:
    """Of one count at one price, to two users; one of them is the taker. Contracts of each market add up to none."""
    trades: dict[str, list[Fill]] = defaultdict(list)
    for event in played(seed, users, markets):
        if isinstance(event, Fill):
            trades[event.trade_id].append(event)

    for taker, maker in trades.values():
        assert (taker.market_ticker, taker.yes_price_bp, taker.count_centi) == (
            maker.market_ticker,
            maker.yes_price_bp,
            maker.count_centi,
        )
        assert taker.acquires_yes != maker.acquires_yes
        assert taker.user_id != maker.user_id
        assert (taker.is_taker, maker.is_taker) == (True, False)


@given(SEEDS, USERS, MARKETS)
def test_fees_are_those_of_the_venues_formula(seed: int, users: int, markets: int) -> None:
    """Of an order together: at least 0.07·C·P·(1-P) less a cent, and at most two cents a fill more; makers a quarter.

    What is more is rounding: up to 1/10,000 dollar for the formula, up to a cent for the member's balance.
    """
    orders: dict[str, list[Fill]] = defaultdict(list)
    for event in played(seed, users, markets):
        if isinstance(event, Fill):
            orders[event.order_id].append(event)

    for fills in orders.values():
        dollars = [
            Fraction(fill.count_centi * fill.yes_price_bp * (10_000 - fill.yes_price_bp), 100 * 10_000**2)
            for fill in fills
        ]
        paid = [Fraction(fill.fee_micros or 0, 1_000_000) for fill in fills]
        assert min(paid) >= 0
        if fills[0].is_taker:
            owed = Fraction(7, 100) * sum(dollars)
            assert owed - Fraction(1, 100) <= sum(paid) <= owed + Fraction(2, 100) * len(fills)
        else:
            owed = Fraction(175, 10_000) * sum(dollars)
            free = sum(paid) < Fraction(1, 100)
            assert free or owed <= sum(paid) <= owed + Fraction(2, 100)


@given(SEEDS, USERS, MARKETS)
def test_the_book_takes_all_of_it_and_money_adds_up(seed: int, users: int, markets: int) -> None:
    """Nothing is refused; over all users the contracts of a market are none, and what one won another lost."""
    journaled = JournaledBook()
    _, (outcomes,) = journaled.commit(Batch(played(seed, users, markets)))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Refusal)]

    by_market = defaultdict(list)
    for row in journaled.book.rows():
        by_market[row.market_ticker].append(row)
    for ticker, rows in by_market.items():
        assert sum(row.position for row in rows) == 0
        market = journaled.book.market(ticker)
        if market.settled and market.result != "void":
            assert sum(row.realized_pnl for row in rows) == 0
