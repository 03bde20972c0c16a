"""The simulated market: what it plays could have happened."""

from collections import defaultdict

from openpositions.core.book import Batch
from openpositions.core.events import Event, Fill, Mark, Settlement
from openpositions.core.identity import Identity, identity_of
from openpositions.core.outcomes import Refusal
from openpositions.testing.market import HOUSE, SimulatedMarket
from tests.journaled_book import JournaledBook

STEPS = 400


def played(seed: int = 1, name: str = "SIM") -> list[Event]:
    """The events of some minutes."""
    market = SimulatedMarket(seed, ("alice", "bob"), name=name)
    events = market.opening(1_000)
    for number in range(STEPS):
        events += market.step(2_000 + number).events
    return events


def fills(events: list[Event]) -> list[Fill]:
    """Those among them."""
    return [event for event in events if isinstance(event, Fill)]


def test_seed_plays_the_same_again() -> None:
    """And another seed something else."""
    assert played(1) == played(1)
    assert played(1) != played(2)


def test_every_event_is_accepted() -> None:
    """No trade in a settled market, no id twice; only a mark may say what is known already."""
    journaled = JournaledBook()

    _, (outcomes,) = journaled.commit(Batch(played()))

    assert [outcome for outcome in outcomes if isinstance(outcome, Refusal)] == []
    assert len(journaled.entries) > STEPS


def test_both_sides_of_every_trade_are_given() -> None:
    """Of one count at one price, to two users; one of them is the taker."""
    trades: dict[str, list[Fill]] = defaultdict(list)
    for fill in fills(played()):
        trades[fill.trade_id].append(fill)

    for taker, maker in trades.values():
        assert (taker.yes_price_bp, taker.count_centi) == (maker.yes_price_bp, maker.count_centi)
        assert taker.acquires_yes != maker.acquires_yes
        assert taker.user_id != maker.user_id
        assert (taker.is_taker, maker.is_taker) == (True, False)


def test_everybody_trades_with_everybody() -> None:
    """The users with each other, and with the house."""
    trades: dict[str, set[str]] = defaultdict(set)
    for fill in fills(played()):
        trades[fill.trade_id].add(fill.user_id)

    pairs = {frozenset(users) for users in trades.values()}

    assert pairs == {frozenset({"alice", "bob"}), frozenset({"alice", HOUSE}), frozenset({"bob", HOUSE})}


def test_fees_are_charged_as_the_venue_does() -> None:
    """In whole cents where the price is, never negative; every taker pays, some makers do."""
    paid = [(fill.fee_micros or 0, fill.is_taker) for fill in fills(played())]

    assert min(fee for fee, _ in paid) >= 0
    assert any(fee for fee, is_taker in paid if not is_taker)
    assert any(not fee for fee, is_taker in paid if not is_taker)


def test_it_has_what_is_rare_too() -> None:
    """Prices of a tenth of a cent, fractional counts, all ways to end, orders of several fills."""
    events = [event for seed in range(5) for event in played(seed)]
    results = {event.result for event in events if isinstance(event, Settlement)}
    orders: dict[tuple[int, str], int] = defaultdict(int)
    for fill in fills(played()):
        orders[0, fill.order_id] += 1

    assert results == {"yes", "no", "scalar", "void"}
    assert any(fill.yes_price_bp % 100 for fill in fills(events))
    assert any(fill.count_centi % 100 for fill in fills(events))
    assert max(orders.values()) > 1


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
