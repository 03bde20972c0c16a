"""Integers read in another unit: 60,000 hundredths of a cent are 6 dollars, not 600."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from conftest import USER, Listening

from openpositions.testing.sandbox_server import SandboxServer

CENTS_A_DOLLAR = 100


@pytest.mark.xfail(
    raises=AssertionError,
    reason="pykalshi 0.3.7 says of `realized_pnl` and `fees_paid` in a position message that they are cents, as in "
    "REST rows; in a frame they are hundredths of a cent",
)
@pytest.mark.openpositions(wire="2025")
def test_realized_profit_is_what_was_earned(
    openpositions_server: SandboxServer, listening: Callable[..., Listening]
) -> None:
    """10 contracts bought at 0.40 that pay 1 dollar each: 6 dollars, read as the client says."""
    positions = listening("market_positions")
    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)

    openpositions_server.settle("RAIN", "yes")
    openpositions_server.wait_for(lambda: len(positions.messages) == 2)

    openpositions_server.wait_for(row={"market_ticker": "RAIN", "realized_pnl": "6"})
    dollars = Decimal(positions.messages[-1]["realized_pnl"]) / CENTS_A_DOLLAR
    assert dollars == 6
