"""Frames dropped by the name of their type: nothing says so, the handler is just never called."""

from collections.abc import Callable

import pytest
from conftest import USER, Listening

from openpositions.testing.sandbox_server import SandboxServer


@pytest.mark.xfail(
    raises=AssertionError,
    reason="pykalshi 0.3.7 offers `market_lifecycle`; the channel and its frames are called `market_lifecycle_v2`, "
    "and what comes under that name is handed to nobody (mended in 2.0.0)",
)
def test_a_settlement_is_heard_of(openpositions_server: SandboxServer, listening: Callable[..., Listening]) -> None:
    """By a handler under the name that the documentation of the client gives."""
    endings = listening("market_lifecycle_v2", handler="market_lifecycle")
    received: list[object] = []
    endings.feed.on("market_lifecycle_v2", received.append)
    openpositions_server.fill(USER, "RAIN", "yes", "0.40", 10)

    openpositions_server.settle("RAIN", "yes")
    openpositions_server.wait_for(sent={"type": "market_lifecycle_v2"})
    # The client has the frame: who asked for it by its own name was given it.
    openpositions_server.wait_for(lambda: received)

    assert endings.messages
