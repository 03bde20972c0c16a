"""The simulated market: what it plays could have happened."""

from collections import Counter, defaultdict
from itertools import count

import pytest

from openpositions.core.book import Batch
from openpositions.core.events import Cash, Declaration, Determination, Event, Fill, Mark, Settlement
from openpositions.core.identity import Identity, identity_of
from openpositions.core.outcomes import Refusal
from openpositions.testing.market import SimulatedMarket
from openpositions.testing.traders import HOUSE
from tests.journaled_book import JournaledBook

STEPS = 400


def played(seed: int = 1, name: str = "SIM", users: int = 2, markets: int = 8, steps: int = STEPS) -> list[Event]:
    """The events of some minutes."""
    market = SimulatedMarket(seed, [f"user-{number}" for number in range(users)], name=name, markets=markets)
    events = market.opening(1_000)
    for number in range(steps):
        events += market.step(2_000 + number).events
    return events


def fills(events: list[Event]) -> list[Fill]:
    """Those among them."""
    return [event for event in events if isinstance(event, Fill)]


def test_every_event_is_accepted() -> None:
    """No trade in a settled market, no id twice; only a mark may say what is known already."""
    journaled = JournaledBook()

    _, (outcomes,) = journaled.commit(Batch(played(users=20)))

    assert [outcome for outcome in outcomes if isinstance(outcome, Refusal)] == []
    assert len(journaled.entries) > STEPS


def test_everybody_is_given_money_and_as_many_markets_are_open_as_wanted() -> None:
    """The house too; in events of four markets, the last of what is left."""
    opening = SimulatedMarket(1, ["alice", "bob"], name="SIM", markets=10).opening(1_000)

    assert [event.user_id for event in opening if isinstance(event, Cash)] == ["alice", "bob", HOUSE]
    declared = Counter(event.event_ticker for event in opening if isinstance(event, Declaration))
    assert declared == {"SIM-EVENT-1": 4, "SIM-EVENT-2": 4, "SIM-EVENT-3": 2}


def test_everybody_trades_with_everybody() -> None:
    """The users with each other, and with the house."""
    trades: dict[str, set[str]] = defaultdict(set)
    for fill in fills(played()):
        trades[fill.trade_id].add(fill.user_id)

    pairs = {frozenset(users) for users in trades.values()}

    assert pairs == {frozenset({"user-0", "user-1"}), frozenset({"user-0", HOUSE}), frozenset({"user-1", HOUSE})}


def test_one_user_alone_trades_with_the_house() -> None:
    """There is nobody else."""
    assert {fill.user_id for fill in fills(played(users=1))} == {"user-0", HOUSE}


@pytest.mark.parametrize("users", [[], ["alice", "house"]], ids=["nobody", "the house twice"])
def test_a_market_without_two_sides_is_refused(users: list[str]) -> None:
    """At once, and in words."""
    with pytest.raises(ValueError, match="nobody may be called 'house'"):
        SimulatedMarket(1, users, name="SIM")


def test_a_market_is_determined_and_then_settled_alike() -> None:
    """Each that ended, once, with the value that was announced; no trade comes between or after."""
    events = played(steps=4_000)
    determined = {event.market_ticker: event for event in events if isinstance(event, Determination)}
    settled = [event for event in events if isinstance(event, Settlement)]
    ended: set[str] = set()
    for event in events:
        if isinstance(event, Determination):
            ended.add(event.market_ticker)
        assert not (isinstance(event, Fill) and event.market_ticker in ended)

    assert len(settled) > 20
    assert len({event.market_ticker for event in settled}) == len(settled)
    for event in settled:
        announced = determined[event.market_ticker]
        assert (event.result, event.value_bp) == (announced.result, announced.value_bp)


def test_thresholds_of_an_event_end_in_order() -> None:
    """Where one ended with no, none above it ended with yes; where one is void, all are."""
    results: dict[str, list[str]] = defaultdict(list)
    for event in played(steps=4_000):
        if isinstance(event, Settlement):
            results[event.market_ticker.rsplit("-", 1)[0]].append(event.result)

    for of_event in results.values():
        assert len(of_event) == 4
        if "yes" in of_event or "no" in of_event:
            assert of_event == sorted(of_event, reverse=True)
        else:
            assert len(set(of_event)) == 1


def test_it_has_what_is_rare_too() -> None:
    """Prices of a tenth of a cent, fractional counts, orders of several fills."""
    traded = fills(played(steps=1_000))
    orders = Counter(fill.order_id for fill in traded)

    assert any(fill.yes_price_bp % 100 for fill in traded)
    assert any(fill.count_centi % 100 for fill in traded)
    assert max(orders.values()) == 3


def test_few_do_most_of_it() -> None:
    """Of users, of markets and of counts: a tenth has more than a third."""
    traded = fills(played(users=100, markets=80, steps=2_000))
    for contracts_of in (
        Counter(fill.user_id for fill in traded if fill.is_taker),
        Counter(fill.market_ticker for fill in traded),
        Counter({number: fill.count_centi for number, fill in zip(count(), traded, strict=False)}),
    ):
        most = sorted(contracts_of.values(), reverse=True)
        assert sum(most[: len(most) // 10]) > sum(most) / 3


def test_orders_come_in_bursts() -> None:
    """Many at one moment, now and then, and mostly about one event."""
    market = SimulatedMarket(1, ["alice", "bob"], name="SIM", markets=40)
    market.opening(1_000)
    bursts = [
        Counter(fill.market_ticker.rsplit("-", 1)[0] for fill in fills(market.step(2_000).events) if fill.is_taker)
        for _ in range(1_000)
    ]

    assert max(burst.total() for burst in bursts) > 5 * sum(burst.total() for burst in bursts) / len(bursts)
    assert sum(max(burst.values(), default=0) for burst in bursts) > 0.7 * sum(burst.total() for burst in bursts)


@pytest.mark.parametrize("rate", [0.5, 1_000.0])
def test_pauses_keep_the_rate_on_average(rate: float) -> None:
    """Within a tenth over many steps."""
    market = SimulatedMarket(1, ["alice", "bob"], name="SIM", fills_per_second=rate)
    market.opening(1_000)
    steps = [market.step(2_000) for _ in range(4_000)]

    played_rate = sum(len(fills(step.events)) for step in steps) / sum(step.pause_seconds for step in steps)

    assert rate * 0.9 < played_rate < rate * 1.1


def test_marks_follow_the_trades() -> None:
    """Each order leaves one, within the range of prices."""
    marks = [event.yes_price_bp for event in played() if isinstance(event, Mark)]

    assert len(marks) > STEPS
    assert all(mark is not None and 0 < mark < 10_000 for mark in marks)


def test_markets_of_two_names_share_nothing() -> None:
    """So that both can go into one journal."""
    first, second = played(name="MON"), played(name="TUE")

    assert not _identities(first) & _identities(second)
    assert not {fill.market_ticker for fill in fills(first)} & {fill.market_ticker for fill in fills(second)}


def _identities(events: list[Event]) -> set[Identity]:
    return {identity for event in events if (identity := identity_of(event)) is not None}
