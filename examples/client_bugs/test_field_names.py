"""Field names of another API: a client that reads a name which the frame does not have.

Each test is what somebody who uses the client would write, and it fails as it should: the reason names the bug.
"""

from collections.abc import Callable

import kalshi_python
import pytest
from conftest import USER, Listening

from openpositions.testing.sandbox_server import SandboxServer


@pytest.mark.xfail(
    raises=AssertionError,
    reason="pykalshi 0.3.7 reads `ticker`, which REST rows have; a fill frame says `market_ticker` (mended in 2.0.0)",
)
def test_a_fill_says_of_which_market(openpositions_server: SandboxServer, listening: Callable[..., Listening]) -> None:
    """A program that trades in more than one market needs to know."""
    fills = listening("fill")

    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)
    fill = fills.next()
    openpositions_server.wait_for(sent={"type": "fill"})

    if (fill.count, fill.yes_price) != (10, 40):
        pytest.fail("this is another bug", pytrace=False)
    assert fill.ticker == "RAIN"


@pytest.mark.xfail(
    raises=AttributeError,
    reason="pykalshi 0.3.7 wants the names of a REST row in a position frame, and hands over a dict where they are not "
    "(mended in 2.0.0)",
)
def test_a_position_is_what_the_client_says_it_is(
    openpositions_server: SandboxServer, listening: Callable[..., Listening]
) -> None:
    """Its documentation promises a message with `position`."""
    positions = listening("market_positions")

    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)

    assert positions.next().position == 10


@pytest.mark.xfail(
    raises=TypeError,
    reason="kalshi-python 2.1.4 looks for `positions`; the answer has `market_positions`: an account looks empty",
)
def test_the_account_has_positions(
    openpositions_server: SandboxServer, venues_own_client: kalshi_python.KalshiClient
) -> None:
    """One was bought."""
    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)

    assert len(venues_own_client.get_positions().positions) == 1
