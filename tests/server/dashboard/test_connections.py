"""Connections end in many ways: the screen says so, comes back where that makes sense, and has missed nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Request

    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "FED-23DEC-T3.00"


def notice(screen: Screen) -> Locator:
    """The sentence about the connection."""
    return screen.page.locator("#notice")


async def test_nothing_is_lost_while_the_connection_is(screen: Screen) -> None:
    """Fills, a bust and a settlement that happened meanwhile are there when it is back, and said to be from then."""
    server = screen.server
    screen.expected_statuses = {1006, 503}
    busted = server.fill("alice", "EV-BUSTED", price="0.4", count=10)
    for ticker in (TICKER, "EV-SETTLED", "EV-SAME"):
        server.fill("alice", ticker, price="0.4", count=10)
    await screen.enter()
    await expect(screen.page.locator("#count-open")).to_have_text("4")

    server.reject_handshakes(2)
    server.drop_connections()
    await screen.until_phase("reconnecting")
    server.fill("alice", TICKER, "no", price="0.3", count=4, fee="0.07")
    server.fill("alice", TICKER, price="0.5", count=1)
    server.bust(busted)
    server.settle("EV-SETTLED", "yes")
    server.fill("alice", "EV-NEW", price="0.2", count=5)
    server.mark("EV-NEW", "0.25")
    await expect(notice(screen)).to_contain_text("Trying again; until then the numbers are the last that were told.")
    await screen.until_phase("live")

    await expect(notice(screen)).to_be_hidden()
    await screen.choose("all")
    for ticker in (TICKER, "EV-BUSTED", "EV-SETTLED", "EV-SAME", "EV-NEW"):
        row = server.position("alice", ticker)
        cells = await screen.cells(ticker)
        assert [cells[name] for name in ("position", "cost", "realized", "fees")] == [
            f"{row.position:.2f}",
            f"{row.cost:.4f}",
            f"{row.realized_pnl:.4f}",
            f"{row.fees_paid:.4f}",
        ], ticker
    await expect(screen.text("EV-NEW", "unrealized")).to_have_text("0.2500")
    await expect(screen.tag("EV-SETTLED", "market")).to_have_text("settled yes")
    assert sorted(
        await screen.changes("missed").evaluate_all("changes => changes.map(change => change.dataset.ticker)")
    ) == ["EV-BUSTED", "EV-NEW", "EV-SETTLED", TICKER]


async def test_planned_restart_is_survived(screen: Screen) -> None:
    """The service says that it goes; the page waits for it, and goes on where it was."""
    screen.expected_statuses = {1006, 503}
    screen.expects_absence = True
    await screen.enter()

    screen.server.restart()

    screen.server.fill("alice", TICKER)
    await expect(screen.text(TICKER, "position")).to_have_text("10.00")
    await screen.until_phase("live")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (1008, "The service closed the connection by its policy and does not want it back."),
        (4003, "The key was revoked. Ask for another one and sign in with that."),
    ],
)
async def test_whoever_is_not_wanted_stays_away(screen: Screen, code: int, sentence: str) -> None:
    """However long the page stays open, it asks for nothing any more."""
    await screen.page.clock.install()
    await screen.enter()
    asked: list[str] = []

    screen.server.drop_connections(close_code=code)
    await screen.until_phase("ended")
    screen.page.on("request", lambda request: asked.append(request.url))
    await screen.page.clock.run_for(600_000)

    await expect(notice(screen)).to_contain_text(sentence)
    assert asked == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (1011, "The service lost touch with this page, or had an error of its own."),
        (1012, "The service is being stopped or restarted as planned."),
        (1013, "This page took what it was told too slowly, so the service let go of it."),
        (None, "The connection was lost."),
    ],
)
async def test_others_come_back(screen: Screen, code: int | None, sentence: str) -> None:
    """Each says why it was away, and asks for one ticket an attempt."""
    screen.expected_statuses = {1006, 503}
    await screen.page.clock.install()
    await screen.enter()
    tickets: list[str] = []

    def take(request: Request) -> None:
        if request.url.endswith("/v1/tickets"):
            tickets.append(request.url)

    screen.page.on("request", take)
    screen.server.reject_handshakes(2)
    screen.server.drop_connections(close_code=code)

    await expect(notice(screen)).to_contain_text(sentence)
    await screen.until_phase("live")
    assert len(tickets) == 3


@pytest.mark.parametrize("off_s", [-3_600, 95])
async def test_clock_that_went_wrong_is_no_end(screen: Screen, off_s: int) -> None:
    """A machine that woke may have a wrong one for a moment: somebody who was in is told, and is in again after it."""
    screen.expected_statuses = {401, 1006}
    await screen.enter()
    await screen.page.evaluate(
        "ms => { const now = Date.now; Date.now = () => now() + ms; globalThis.setRight = () => { Date.now = now; }; }",
        off_s * 1_000,
    )
    async with screen.page.expect_response(lambda response: response.status == 401):
        screen.server.drop_connections()
    async with screen.page.expect_response(lambda response: response.status == 401):
        pass
    await screen.until_phase("reconnecting")
    way = "behind" if off_s < 0 else "ahead of"
    await expect(notice(screen)).to_have_text(
        re.compile(rf"The clock of this machine is \d+ s {way} that of the service\. Set it right and try again\. .+")
    )

    await screen.page.evaluate("setRight()")

    await screen.until_phase("live")
    await expect(notice(screen)).to_be_hidden()


async def test_silence_is_shown_as_staleness(screen: Screen) -> None:
    """A connection may stand and bring nothing: when an answer stays out, the numbers are not said to be live."""
    server = screen.server
    server.fill("alice", TICKER)
    await screen.page.clock.install()
    await screen.enter()

    server.pause()
    for _ in range(2):
        await screen.page.clock.fast_forward(4_000)
    await screen.until_phase("stale")
    await expect(screen.page.locator("#state")).to_have_text("Stale")
    await expect(notice(screen)).to_contain_text("these numbers may be old")

    server.resume()
    await screen.page.clock.run_for(2_000)
    await screen.until_phase("live")
    assert server.connections == 1


async def test_doubled_and_reordered_messages_do_no_harm(screen: Screen) -> None:
    """The page notices by the numbers of the messages, and asks anew for what it may have missed."""
    server = screen.server
    server.fill("alice", TICKER)
    await screen.enter()

    server.reorder_frames(2)
    server.fill("alice", TICKER)
    server.fill("alice", "EV-OTHER")
    server.duplicate_frames(2)
    sequence = server.feed(
        {"type": "ticker", "msg": {"market_ticker": TICKER, "price_dollars": "0.5"}},
        {"type": "cash", "msg": {"cash_id": "c1", "user_id": "alice", "amount_dollars": "1"}},
    ).sequence
    server.fill("alice", "EV-OTHER")

    await screen.until_sequence(sequence)
    await expect(screen.text(TICKER, "position")).to_have_text("20.00")
    await expect(screen.text("EV-OTHER", "position")).to_have_text("20.00")
    await screen.until_phase("live")


@pytest.mark.openpositions(plain=True)
async def test_plain_service_is_told_apart(screen: Screen) -> None:
    """Without extensions there is nothing to follow by; the form says what to do."""
    await screen.sign_in(screen.server.key("alice"))

    await screen.until_refused(
        "This service runs with --plain and has no extensions, which the dashboard needs. Start it without --plain."
    )


async def test_busy_service_is_no_reason_to_wait_at_the_door(screen: Screen) -> None:
    """Whoever was never in is told at once, and may try again."""
    screen.expected_statuses = {1006, 503}
    screen.server.reject_handshakes(1)
    key = screen.server.key("alice")
    await screen.sign_in(key)
    await screen.until_refused("The service opened no connection; it may be busy.")

    await screen.page.click("#enter")
    await screen.until_phase("live")


async def test_unreachable_service_is_told(screen: Screen) -> None:
    """As such, and nothing about keys."""
    key = screen.server.key("alice")
    screen.expects_absence = True
    screen.server.stop()
    await screen.sign_in(key)

    await screen.until_refused("The service cannot be reached.")
