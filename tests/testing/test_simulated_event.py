"""What contracts are about: prices that follow one number to its end."""

from collections import Counter
from random import Random

from openpositions.testing.simulated_event import Outcome, SimulatedEvent


def ended(seed: int, contracts: int = 4) -> tuple[SimulatedEvent, Random]:
    """A event whose number is known, and the chance that goes on from there."""
    draw = Random(seed)
    event = SimulatedEvent("SIM-EVENT-1", contracts, draw)
    while not event.decided:
        event.news(draw)
    return event, draw


def test_prices_of_higher_thresholds_are_never_higher() -> None:
    """At any moment of any life, as long as no order presses."""
    draw = Random(1)
    event = SimulatedEvent("SIM-EVENT-1", 4, draw)
    while not event.decided:
        prices = [event.price_bp(place) for place in range(4)]
        assert prices == sorted(prices, reverse=True)
        event.news(draw)


def test_prices_are_on_the_grid() -> None:
    """Cents in the middle, tenths of a cent near the ends, never 0 or 1."""
    for seed in range(20):
        event, _ = ended(seed)
        for place in range(4):
            price = event.price_bp(place)
            assert 50 <= price <= 9_950
            assert price % (10 if min(price, 10_000 - price) < 1_000 else 100) == 0


def test_prices_say_how_it_will_end() -> None:
    """At the end of a life a price is near 0 or 1, and the contract ends so."""
    right = 0
    for seed in range(200):
        event, draw = ended(seed, contracts=1)
        (outcome,) = event.outcomes(draw)
        if outcome.result in {"yes", "no"}:
            right += (event.price_bp(0) > 5_000) is (outcome.result == "yes")

    assert right > 180


def test_most_end_with_yes_or_no() -> None:
    """Of a thousand about 40 are scalar, at the last price, and 20 void, without one."""
    event, draw = ended(1)
    results = Counter(event.outcomes(draw)[0].result for _ in range(1_000))

    assert 20 < results["scalar"] < 60
    assert 5 < results["void"] < 40
    assert results["scalar"] + results["void"] + results["yes"] + results["no"] == 1_000


def test_value_is_that_of_the_result() -> None:
    """A YES pays a dollar or nothing, a scalar its price, a void market no value."""
    event, draw = ended(1)
    seen = {outcome for _ in range(1_000) for outcome in event.outcomes(draw)}

    assert {outcome.value_bp for outcome in seen if outcome.result == "scalar"} == {
        event.price_bp(place) for place in range(4)
    }
    assert seen >= {Outcome("void", None)}
    assert {outcome for outcome in seen if outcome.result in {"yes", "no"}} <= {
        Outcome("yes", 10_000),
        Outcome("no", 0),
    }


def test_an_order_presses_the_price_and_that_wears_off() -> None:
    """The larger the order the more, at most some cents; the trades after it bring it back."""
    event = SimulatedEvent("SIM-EVENT-1", 1, Random(3))
    before = event.price_bp(0)
    for _ in range(20):
        event.press(0, up=True, count_centi=500_000)
    pressed = event.price_bp(0)
    for _ in range(400):
        event.press(0, up=False, count_centi=1)

    assert 500 < pressed - before < 2_500
    assert abs(event.price_bp(0) - before) <= 100
