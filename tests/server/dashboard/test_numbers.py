"""What the screen shows is what the service has, to the last digit; what is unknown is a dash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.acceptance.http import ask
from tests.acceptance.sandbox import Sandbox

if TYPE_CHECKING:
    from openpositions.testing.sandbox_server import SandboxServer
    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "FED-23DEC-T3.00"
UNKNOWN = "\N{EM DASH}"


async def served(server: SandboxServer, ticker: str, subaccount: int = 0) -> dict[str, Any]:
    """The row as the service tells it to an administrator, by the names of the columns."""
    sandbox = Sandbox(server, over_http=True)
    answer = await ask(
        sandbox, sandbox.admin, "GET", "/v1/rows", user_id="alice", market_ticker=ticker, subaccount=subaccount
    )
    row = answer.content["row"]
    return {
        "position": row["position_fp"],
        "cost": row["position_cost_dollars"],
        "value": row["market_value_dollars"],
        "unrealized": row["unrealized_pnl_dollars"],
        "realized": row["realized_pnl_dollars"],
        "fees": row["fees_paid_dollars"],
        "volume": row["volume_fp"],
    }


async def agrees(screen: Screen, ticker: str, subaccount: int = 0) -> dict[str, str]:
    """The cells of a row, once it is known that the service says the same."""
    cells = await screen.cells(ticker, subaccount)
    for name, value in (await served(screen.server, ticker, subaccount)).items():
        assert cells[name] == (UNKNOWN if value is None else value), name
    return cells


async def test_fills_and_marks_are_shown_as_they_are(screen: Screen) -> None:
    """Of both sides, with fractions and a fee to the millionth, from before and from while the page looks."""
    server = screen.server
    server.fill("alice", TICKER, "yes", price="0.4125", count="10.25", fee="0.171313")
    server.mark(TICKER, "0.5550")
    await screen.enter()
    await expect(screen.text(TICKER, "mark")).to_have_text("0.5550")
    await agrees(screen, TICKER)

    server.fill("alice", "EV-NO", "no", price="0.3", count="7", fee="0.05")
    server.fill("alice", TICKER, "no", price="0.2", count="3.10", fee="0.01")
    server.mark("EV-NO", "0.6875")
    await expect(screen.text("EV-NO", "mark")).to_have_text("0.6875")

    closing = await agrees(screen, TICKER)
    assert closing["position"] == "7.15"
    assert closing["fees"] == "0.181313"
    held = await agrees(screen, "EV-NO")
    assert [held[name] for name in ("position", "average", "value", "unrealized", "cause")] == [
        "-7.00",
        "0.3000",
        "2.1875",
        "0.0875",
        "fill",
    ]
    await expect(screen.tag("EV-NO", "position")).to_have_text("NO")
    await expect(screen.tag(TICKER, "position")).to_have_text("YES")


async def test_totals_are_those_of_the_service(screen: Screen) -> None:
    """Exactly as it sent them, and the rows add up to them."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10, fee="0.17")
    server.fill("alice", "EV-OTHER", "no", price="0.25", count=8, fee="0.02")
    server.mark(TICKER, "0.55")
    server.mark("EV-OTHER", "0.8")
    await screen.enter()
    await expect(screen.total("open")).to_have_text("2")

    assert await screen.totals() == {
        "realized": "0.0000",
        "unrealized": "1.1000",
        "fees": "0.1900",
        "exposure": "6.0000",
        "value": "7.1000",
        "open": "2",
        "unmarked": "",
    }
    rows = [await screen.cells(TICKER), await screen.cells("EV-OTHER")]
    assert [row["unrealized"] for row in rows] == ["1.5000", "-0.4000"]


async def test_what_is_unknown_is_a_dash_that_says_why(screen: Screen) -> None:
    """Never 0, in a row or a total; markets without a mark are named."""
    server = screen.server
    server.fill("alice", TICKER)
    await screen.enter()

    for column in ("mark", "value", "unrealized"):
        await expect(screen.text(TICKER, column)).to_have_text(UNKNOWN)
        cell = screen.row(TICKER).locator(f'[data-column="{column}"]')
        await expect(cell).to_have_attribute("title", "Unknown: the service has no mark for this market")
    for name in ("unrealized", "value"):
        await expect(screen.total(name)).to_have_text(UNKNOWN)
        await expect(screen.total(name)).to_have_attribute("title", "Unknown: no open market has a mark")
    unmarked = f"Without a mark, so not in market value and unrealized: {TICKER}"
    await expect(screen.total("unmarked")).to_have_text(unmarked)

    server.mark(TICKER, "0.41")
    await expect(screen.text(TICKER, "unrealized")).to_have_text("0.1000")
    await expect(screen.total("unmarked")).to_be_hidden()


@pytest.mark.parametrize(
    ("result", "value", "tag", "realized"),
    [
        ("yes", None, "settled yes", "6.0000"),
        ("no", None, "settled no", "-4.0000"),
        ("scalar", "0.6050", "settled scalar 0.6050", "2.0500"),
        ("void", None, "settled void", "0.0000"),
    ],
)
async def test_settlement_is_seen(screen: Screen, result: str, value: str | None, tag: str, realized: str) -> None:
    """As it happens, in the list of changes, and afterwards among the settled markets."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10)
    server.mark(TICKER, "0.5")
    await screen.enter()
    await expect(screen.text(TICKER, "unrealized")).to_have_text("1.0000")

    server.settle(TICKER, result, value=value)

    change = screen.changes("settlement")
    await expect(change.locator(".kind")).to_have_text(tag)
    await expect(change.locator(".parts")).to_contain_text("position 10.00 → 0.00")
    await expect(screen.page.locator("#count-settled")).to_have_text("1")
    await expect(screen.page.locator("#extent")).to_have_text("Nothing is open.")
    await screen.choose("settled")
    await expect(screen.tag(TICKER, "market")).to_have_text(tag)
    cells = await agrees_flat(screen)
    assert (cells["realized"], cells["cause"]) == (realized, "settlement")


async def agrees_flat(screen: Screen) -> dict[str, str]:
    """The cells of the settled row: nothing is held, which is known to be worth nothing."""
    cells = await screen.cells(TICKER)
    assert [cells[name] for name in ("position", "cost", "value", "unrealized")] == ["0.00", *["0.0000"] * 3]
    assert (cells["average"], cells["mark"]) == (UNKNOWN, UNKNOWN)
    assert cells["realized"] == (await served(screen.server, TICKER))["realized"]
    return cells


async def test_bust_and_adjustment_are_shown_with_their_cause(screen: Screen) -> None:
    """A row goes back to what it would have been, and says why."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10)
    busted = server.fill("alice", TICKER, price="0.6", count=5, fee="0.01")
    await screen.enter()
    await expect(screen.text(TICKER, "position")).to_have_text("15.00")

    server.bust(busted)
    await expect(screen.text(TICKER, "cause")).to_have_text("bust")
    assert (await agrees(screen, TICKER))["position"] == "10.00"
    parts = screen.changes("bust").locator(".parts")
    await expect(parts).to_have_text("position 15.00 → 10.00cost -3.0000fees -0.0100")

    server.adjust("alice", TICKER, realized_pnl="-1.5", fees_paid="0.25")
    await expect(screen.text(TICKER, "cause")).to_have_text("adjustment")
    assert (await agrees(screen, TICKER))["realized"] == "-1.5000"
    await expect(screen.changes()).to_have_count(2)


async def test_subaccounts_are_told_apart(screen: Screen) -> None:
    """Each has a row of its own, valued on its own."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10)
    server.fill("alice", TICKER, "no", price="0.4", count=5, subaccount=7)
    server.mark(TICKER, "0.55")
    await screen.enter()
    await expect(screen.text(TICKER, "unrealized", 7)).not_to_have_text(UNKNOWN)

    assert (await agrees(screen, TICKER))["unrealized"] == "1.5000"
    assert (await agrees(screen, TICKER, 7))["unrealized"] == "0.2500"
    await expect(screen.text(TICKER, "market", 7)).to_have_attribute("data-subaccount", "sub 7")
    await expect(screen.total("open")).to_have_text("1")


async def test_key_of_one_subaccount_shows_that(screen: Screen) -> None:
    """In rows and in totals."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10)
    server.fill("alice", TICKER, price="0.3", count=5, subaccount=7)
    await screen.sign_in(server.key("alice", subaccount=7))
    await screen.until_phase("live")

    await expect(screen.text(TICKER, "cost", 7)).to_have_text("1.5000")
    await expect(screen.total("exposure")).to_have_text("1.5000")
    await expect(screen.row(TICKER)).to_have_count(0)


async def test_rounded_average_says_so(screen: Screen) -> None:
    """Nothing else on the screen is rounded."""
    screen.server.fill("alice", TICKER, price="0.4", count=1)
    screen.server.fill("alice", TICKER, price="0.5", count=2)
    await screen.enter()

    cell = screen.row(TICKER).locator('[data-column="average"]')
    await expect(cell.locator(".text")).to_have_text("0.4667")
    await expect(cell).to_have_attribute("title", "Rounded: cost divided by contracts")
