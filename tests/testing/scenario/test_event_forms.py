"""What happens in a scenario, as events."""

from decimal import localcontext

from openpositions.testing.scenario.event_forms import event_messages
from openpositions.testing.scenario.steps import Trade


def test_prices_of_a_trade_do_not_depend_on_the_decimal_context() -> None:
    """The seller pays what is left of a dollar, to the last digit."""
    with localcontext() as context:
        context.prec = 2
        _, sold = event_messages(Trade(buyer="a", seller="b", ticker="RAIN", price="0.0123", count="1"), "t", "")

    assert sold["msg"]["no_price_dollars"] == "0.9877"
