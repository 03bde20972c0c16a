"""What is over: how markets ended is shown, whenever that was, and what could not be read is asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "FED-23DEC-T3.00"


def determined(ticker: str, result: str) -> dict[str, Any]:
    """The venue's word on how a market will settle."""
    value = "1.0000" if result == "yes" else "0.0000"
    msg = {"event_type": "determined", "market_ticker": ticker, "result": result, "settlement_value": value}
    return {"type": "market_lifecycle_v2", "msg": msg}


async def test_what_was_settled_before_is_there_too(screen: Screen) -> None:
    """With its result: a market that ended before the page came is not gone."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10, fee="0.17")
    server.settle(TICKER, "yes")
    server.fill("alice", "EV-CLOSED", price="0.4", count=10)
    server.fill("alice", "EV-CLOSED", "no", price="0.5", count=10)
    await screen.enter()
    await expect(screen.page.locator("#count-all")).to_have_text("2")

    await screen.choose("all")

    assert await screen.tickers() == ["EV-CLOSED", TICKER]
    await expect(screen.tag(TICKER, "market")).to_have_text("settled yes")
    await expect(screen.tag("EV-CLOSED", "market")).to_have_text("")
    cells = await screen.cells(TICKER)
    assert [cells[name] for name in ("realized", "fees", "volume")] == ["6.0000", "0.1700", "10.00"]


async def test_market_determined_before_is_shown_as_settled(screen: Screen) -> None:
    """Before the page came, or while it was away and otherwise: as it was in the end, and only once it is settled."""
    server = screen.server
    screen.expected_statuses = {1006, 503}
    for ticker in ("EV-BEFORE", "EV-AWAY", "EV-OTHERWISE"):
        server.fill("alice", ticker, price="0.4", count=10)
    server.feed(determined("EV-BEFORE", "no"))
    await screen.enter()
    await screen.choose("all")
    await expect(screen.tag("EV-BEFORE", "market")).to_have_text("")
    server.feed(determined("EV-OTHERWISE", "yes"))
    await expect(screen.tag("EV-OTHERWISE", "market")).to_have_text("determined yes")
    server.reject_handshakes(1)
    server.drop_connections()
    await screen.until_phase("reconnecting")
    server.feed(determined("EV-AWAY", "yes"), determined("EV-OTHERWISE", "no"))
    await screen.until_phase("live")

    for ticker in ("EV-BEFORE", "EV-AWAY", "EV-OTHERWISE"):
        server.feed({"type": "market_lifecycle_v2", "msg": {"event_type": "settled", "market_ticker": ticker}})

    await expect(screen.page.locator("#count-settled")).to_have_text("3")
    await expect(screen.tag("EV-BEFORE", "market")).to_have_text("settled no")
    await expect(screen.tag("EV-AWAY", "market")).to_have_text("settled yes")
    await expect(screen.tag("EV-OTHERWISE", "market")).to_have_text("settled no")
    await expect(screen.text("EV-BEFORE", "position")).to_have_text("0.00")


async def test_late_fill_of_a_settled_market_is_shown_as_settled(screen: Screen) -> None:
    """In a market of others, which had ended before the page came: what it made is realized at once."""
    server = screen.server
    server.fill("bob", TICKER)
    server.settle(TICKER, "yes")
    await screen.enter()
    await screen.choose("all")

    server.fill("alice", TICKER, price="0.4", count=10)

    await expect(screen.tag(TICKER, "market")).to_have_text("settled yes")
    await expect(screen.text(TICKER, "realized")).to_have_text("6.0000")
    await expect(screen.page.locator("#count-settled")).to_have_text("1")


async def test_busy_service_is_asked_for_the_past_again(screen: Screen) -> None:
    """What is over is not left out because the service had no time for it, however often."""
    screen.server.fill("alice", TICKER)
    screen.server.settle(TICKER, "yes")
    left = await screen.refuse("/v1/positions/history", [429, 429, 503, 500, 429, 429, 429, 429])
    await screen.enter()

    await expect(screen.page.locator("#count-settled")).to_have_text("1")
    await expect(screen.page.locator("#extent")).to_have_text("Nothing is open.")
    assert left == []


async def test_refused_past_is_said_and_not_asked_for_again(screen: Screen) -> None:
    """Where nothing is gained by it."""
    screen.server.fill("alice", TICKER)
    left = await screen.refuse("/v1/positions/history", [403, 403])
    await screen.enter()

    await expect(screen.page.locator("#extent")).to_have_text(
        "What is over could not be read: This key may not do that."
    )
    assert left == [403]
