"""Random histories of few users, markets and ids, so that events meet: closes, repeats, conflicts, busts."""

from collections.abc import Sequence

from hypothesis import strategies as st

from openpositions.core.book import Batch
from openpositions.core.events import (
    AS_DETERMINED,
    Adjustment,
    Bust,
    Cash,
    Declaration,
    Determination,
    Event,
    Fill,
    Mark,
    Settlement,
)
from tests.events import VALUES

users = st.sampled_from(["alice", "bob", "carol"])
subaccounts = st.sampled_from([0, 0, 0, 1])
tickers = st.sampled_from(["RAIN", "SNOW"])
times = st.integers(0, 1000)
trade_ids = st.integers(1, 15).map("t{}".format)

prices = st.one_of(st.sampled_from([1, 5000, 9999]), st.integers(1, 9999))
counts = st.one_of(st.integers(1, 5), st.integers(1, 30).map(lambda contracts: contracts * 100), st.integers(1, 10**11))
fees = st.one_of(st.none(), st.integers(-1000, 1000), st.integers(0, 10**9))
amounts = st.one_of(st.just(0), st.integers(-(10**9), 10**9))

fills = st.builds(Fill, trade_ids, users, subaccounts, tickers, st.booleans(), prices, counts, fees, times)

outcomes = st.one_of(
    st.sampled_from(list(VALUES.items())),
    st.tuples(st.just("scalar"), st.integers(0, 10_000)),
)
settlements = st.builds(
    lambda ticker, outcome, ts_ms: Settlement(ticker, outcome[0], outcome[1], ts_ms),
    tickers,
    st.one_of(outcomes, st.just((AS_DETERMINED, None))),
    times,
)
determinations = st.builds(
    lambda ticker, outcome, ts_ms: Determination(ticker, outcome[0], outcome[1], ts_ms), tickers, outcomes, times
)


@st.composite
def adjustments(draw: st.DrawFn) -> Adjustment:
    """Opening balances, removals and corrections; many of them impossible for the row that they meet."""
    position = draw(st.one_of(st.just(0), st.integers(-30, 30).map(lambda contracts: contracts * 100)))
    cost = draw(st.one_of(st.just(0), st.integers(-abs(position) * 10_000, abs(position) * 10_000)))
    return Adjustment(
        draw(st.integers(1, 10).map("a{}".format)),
        draw(users),
        draw(subaccounts),
        draw(tickers),
        position,
        cost,
        realized_pnl_micros=draw(amounts),
        fees_paid_micros=draw(amounts),
        cash_micros=draw(amounts),
        reason="correction",
        ts_ms=draw(times),
    )


busts = st.builds(
    Bust,
    st.integers(1, 20).map("b{}".format),
    trade_ids,
    st.one_of(st.none(), users),
    st.sampled_from([None, None, 0, 1]),
    times,
)
deposits = st.builds(Cash, st.integers(1, 5).map("c{}".format), users, subaccounts, amounts, times)
declarations = st.builds(Declaration, tickers, st.sampled_from(["WEATHER", "STORM"]), st.just(""), times)
# Of few prices and moments, so that marks of the same moment meet.
marks = st.builds(Mark, tickers, st.sampled_from([None, 5000, 5100]), st.integers(0, 2))

kinds: list[st.SearchStrategy[Event]] = [
    *[fills] * 20, *[busts] * 5, *[adjustments()] * 4, settlements, determinations, deposits, declarations, *[marks] * 4
]  # fmt: skip
events = st.sampled_from(kinds).flatmap(lambda kind: kind)
batches = st.builds(Batch, st.lists(events, max_size=15), atomic=st.sampled_from([False, False, False, True]))
commits: st.SearchStrategy[Sequence[Batch]] = st.lists(batches, min_size=1, max_size=2)
histories = st.lists(commits, max_size=10)
"""What is fed in, commit by commit."""


@st.composite
def trades(draw: st.DrawFn) -> list[Fill]:
    """Trades with both sides, each with its own id: what one user gets as YES another sells, which is acquiring NO."""
    fills_of_trades = []
    for number in range(draw(st.integers(0, 20))):
        buyer, seller = draw(st.permutations(["alice", "bob", "carol"]))[:2]
        price, count = draw(prices), draw(counts)
        for user, acquires_yes in ((buyer, True), (seller, False)):
            fills_of_trades.append(
                Fill(f"t{number}", user, draw(subaccounts), "RAIN", acquires_yes, price, count, draw(fees), 0)
            )
    return fills_of_trades
