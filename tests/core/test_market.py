"""What is known of a market besides its positions."""

import pytest

from openpositions.core.market import Market, describe_result, event_ticker_of, undeclared_market


@pytest.mark.parametrize(
    ("market_ticker", "event_ticker"),
    [("FED-23DEC-T3.00", "FED-23DEC"), ("RAIN", "RAIN"), ("-RAIN", "-RAIN"), ("RAIN-", "RAIN")],
)
def test_event_is_the_ticker_without_its_last_part(market_ticker: str, event_ticker: str) -> None:
    """A ticker of one part is its own event (protocol, 4)."""
    assert event_ticker_of(market_ticker) == event_ticker


def test_market_of_which_nothing_is_known_is_open_and_unmarked() -> None:
    """It has an event all the same."""
    market = undeclared_market("FED-23DEC-T3.00")

    assert market == Market("FED-23DEC-T3.00", "FED-23DEC", "", None, None, None, None, None, None, 0)
    assert not market.settled


@pytest.mark.parametrize(
    ("result", "value_bp", "text"),
    [("yes", 10_000, "yes (1.0000)"), ("scalar", 3_705, "scalar (0.3705)"), ("void", None, "void")],
)
def test_result_is_described_with_its_value(result: str, value_bp: int | None, text: str) -> None:
    """`void` has none."""
    assert describe_result(result, value_bp) == text
