"""The table: sorted and filtered, by mouse and by keys, at any width, with any number of markets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from typing import Any

    from openpositions.testing.sandbox_server import SandboxServer
    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 5_000

# Notes the markets of rows in which anything becomes another.
WATCH_ROWS = """() => {
    window.touched = new Set();
    new MutationObserver(changes => {
        for (const { target } of changes) {
            const row = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target).closest("tr");
            if (row?.dataset.ticker) window.touched.add(row.dataset.ticker);
        }
    }).observe(document.querySelector("#rows tbody"),
        { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def hold_four(server: SandboxServer) -> None:
    """Markets whose order is another one by every column; the last has no mark."""
    for ticker, price, count in (("A-1", "0.5", 10), ("B-2", "0.2", 30), ("C-3", "0.9", 5), ("D-4", "0.3", 100)):
        server.fill("alice", ticker, price=price, count=count)
    for ticker, price in (("A-1", "0.4"), ("B-2", "0.25"), ("C-3", "0.95")):
        server.mark(ticker, price)


async def test_every_column_sorts(screen: Screen) -> None:
    """Amounts from the largest, names from the first, and the other way around; what is unknown stays last."""
    hold_four(screen.server)
    await screen.enter()
    await expect(screen.text("C-3", "value")).to_have_text("4.7500")

    orders = {}
    for head in await screen.page.locator("#rows thead th").all():
        name = str(await head.get_attribute("data-column"))
        button = head.get_by_role("button")
        if name == "market":  # it is sorted by that, so a click would turn it
            await screen.page.click('#rows thead [data-column="cause"] button')
        await button.click()
        await expect(head).to_have_attribute(
            "aria-sort", "descending" if name not in {"market", "cause"} else "ascending"
        )
        orders[name] = "".join(ticker[0] for ticker in await screen.tickers())
    await screen.page.click('#rows thead [data-column="unrealized"] button')
    await screen.page.click('#rows thead [data-column="unrealized"] button')
    await expect(screen.page.locator('#rows thead [data-column="unrealized"]')).to_have_attribute(
        "aria-sort", "ascending"
    )

    assert orders == {
        "market": "ABCD",
        "position": "DBAC",
        "cost": "DBAC",
        "average": "CADB",
        "mark": "CABD",
        "value": "BCAD",
        "unrealized": "BCAD",
        "realized": "ABCD",
        "fees": "ABCD",
        "volume": "DBAC",
        "changed": orders["changed"],
        "cause": "ABCD",
    }
    assert [ticker[0] for ticker in await screen.tickers()] == ["A", "C", "B", "D"]


async def test_filter_finds_tickers(screen: Screen) -> None:
    """By any of their parts, whatever the case; and says when there is none."""
    for ticker in ("FED-23DEC-T3.00", "FED-24JAN-T3.00", "KXHIGHNY-26JUL24-B87.5"):
        screen.server.fill("alice", ticker)
    await screen.enter()

    await screen.page.fill("#filter", "t3 jan")
    await expect(screen.row("FED-23DEC-T3.00")).to_have_count(0)
    assert await screen.tickers() == ["FED-24JAN-T3.00"]

    await screen.page.fill("#filter", "nothing")
    await expect(screen.page.locator("#extent")).to_have_text("No market has that in its ticker.")


async def test_all_can_be_done_by_keys(screen: Screen) -> None:
    """From the form to the table: choose which rows, filter, sort, scroll."""
    hold_four(screen.server)
    screen.server.settle("A-1", "yes")
    page = screen.page
    key = screen.server.key("alice")
    await page.keyboard.press("Tab")
    await page.keyboard.type(key.key_id)
    await screen.choose_file(key.private_key)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await screen.until_phase("live")
    await expect(page.locator("#count-settled")).to_have_text("1")

    await page.focus("#show-open")
    await page.keyboard.press("ArrowRight")
    await expect(screen.tag("A-1", "market")).to_have_text("settled yes")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Tab")
    await page.keyboard.type("-")
    await page.keyboard.press("Tab")
    await expect(page.locator("#rows")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator('#rows [data-column="market"][aria-sort="descending"]')).to_be_visible()
    assert await screen.tickers() == ["D-4", "C-3", "B-2", "A-1"]


async def test_changed_row_is_marked_for_a_moment(screen: Screen) -> None:
    """The others are not; without motion where somebody wants none."""
    hold_four(screen.server)
    await screen.enter()
    await screen.page.clock.install()

    screen.server.fill("alice", "B-2")
    await expect(screen.row("B-2")).to_have_class("changed")
    animation = "row => getComputedStyle(row.cells[1]).animationName"
    assert await screen.row("B-2").evaluate(animation) == "none"
    await screen.page.emulate_media(reduced_motion="no-preference")
    assert await screen.row("B-2").evaluate(animation) == "fade"
    await expect(screen.row("A-1")).not_to_have_class("changed")

    await screen.page.clock.fast_forward(2_000)
    await expect(screen.row("B-2")).not_to_have_class("changed")


@pytest.mark.parametrize("width", [400, 700, 1_000, 1_900])
async def test_nothing_is_cut_off_at_any_width(screen: Screen, width: int) -> None:
    """The page never scrolls to the side, and every amount is whole; on a narrow page a row is a card."""
    server = screen.server
    server.fill("alice", "KXHIGHNY-26JUL24-B87.5", price="0.1234", count="1234567.89", fee="12345.678901")
    server.mark("KXHIGHNY-26JUL24-B87.5", "0.5678")
    await screen.page.set_viewport_size({"width": width, "height": 900})
    await screen.enter()
    await expect(screen.text("KXHIGHNY-26JUL24-B87.5", "value")).to_be_visible()

    assert await screen.page.evaluate("document.documentElement.scrollWidth") == width
    cut = await screen.row("KXHIGHNY-26JUL24-B87.5").evaluate(
        """row => [...row.cells].filter(cell => cell.offsetWidth && cell.scrollWidth > cell.clientWidth + 1)
             .map(cell => cell.dataset.column)"""
    )
    assert cut == []
    server.settle("KXHIGHNY-26JUL24-B87.5", "scalar", value="0.1234")
    await screen.choose("settled")
    ending = screen.tag("KXHIGHNY-26JUL24-B87.5", "market")
    await expect(ending).to_have_text("settled scalar 0.1234")
    assert await ending.evaluate(
        "tag => tag.getBoundingClientRect().right < tag.closest('th').getBoundingClientRect().right"
    )
    for column in ("position", "cost", "value", "unrealized", "realized", "fees"):
        await screen.text("KXHIGHNY-26JUL24-B87.5", column).scroll_into_view_if_needed()
        await expect(screen.text("KXHIGHNY-26JUL24-B87.5", column)).to_be_in_viewport()


@pytest.mark.timeout(120)
async def test_five_thousand_markets_are_no_trouble(screen: Screen) -> None:
    """They load, only rows in view are in the page, and a change touches its own row alone."""
    server = screen.server
    await asyncio.to_thread(hold_many, server)
    await screen.enter()
    await expect(screen.page.locator("#count-open")).to_have_text(str(MANY))

    assert len(await screen.tickers()) < 100

    await screen.page.evaluate(WATCH_ROWS)
    server.fill("alice", "MANY-00002", price="0.3", count=1)
    await expect(screen.text("MANY-00002", "position")).to_have_text("11.00")
    await expect(screen.changes("fill")).to_have_count(1)
    assert await screen.page.evaluate("[...window.touched]") == ["MANY-00002"]

    await screen.page.locator("#rows").evaluate("rows => rows.scrollTo(0, rows.scrollHeight)")
    last = screen.row(f"MANY-{MANY - 1:05}")
    await last.scroll_into_view_if_needed()
    await expect(last).to_be_in_viewport()
    await expect(last).to_have_attribute("aria-rowindex", str(MANY + 1))
    await screen.page.fill("#filter", "many-02500")
    await expect(screen.text("MANY-02500", "position")).to_have_text("10.00")


def hold_many(server: SandboxServer) -> None:
    """A position in each of the markets, all marked."""
    server.feed(
        *(
            {
                "type": "fill",
                "msg": {
                    "trade_id": f"many-{number}",
                    "user_id": "alice",
                    "market_ticker": f"MANY-{number:05}",
                    "outcome_side": "yes",
                    "yes_price_dollars": "0.4",
                    "count_fp": "10",
                },
            }
            for number in range(MANY)
        ),
        *marks(MANY),
    )


def marks(count: int) -> list[dict[str, Any]]:
    """Of the first markets."""
    return [
        {"type": "ticker", "msg": {"market_ticker": f"MANY-{number:05}", "price_dollars": f"0.{count % 97 + 1:02}"}}
        for number in range(count)
    ]
