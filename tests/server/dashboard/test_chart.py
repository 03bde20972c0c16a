"""The chart of profit and loss: what the service tells of the past, and what happens now."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from typing import Any

    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "FED-23DEC-T3.00"
MINUTE_MS = 60_000


async def drawn(screen: Screen, of: str) -> list[Any]:
    """The exact texts that stand behind the heights of a line."""
    script = """name => { const trace = document.getElementById("plot").data.find(one => one.name.startsWith(name));
                          return trace.customdata.map((text, at) => {
                            const height = trace.y[at];
                            if (text !== null && Number(text) !== height) throw new Error(`${text} at ${height}`);
                            return text; }); }"""
    return list(await screen.page.evaluate(script, of))


async def milliseconds_in_view(screen: Screen) -> int:
    """How long the axis of times is."""
    script = "document.getElementById('plot').layout.xaxis.range.map(text => Date.parse(`${text}Z`))"
    begin_ms, end_ms = await screen.page.evaluate(script)
    return int(end_ms - begin_ms)


async def test_past_and_present_are_one_line(charted_screen: Screen) -> None:
    """Points of the read first, then what is told: the last is what the totals say."""
    screen = charted_screen
    server = screen.server
    began_ms = (time.time_ns() // 1_000_000) - 10 * MINUTE_MS
    server.fill("alice", TICKER, price="0.4", count=10, ts_ms=began_ms)
    server.mark(TICKER, "0.5", ts_ms=began_ms + MINUTE_MS)
    server.mark(TICKER, "0.3", ts_ms=began_ms + 2 * MINUTE_MS)
    await screen.enter()
    plot = screen.page.locator("#plot")
    await expect(plot).to_have_attribute("data-points", "3")
    assert await drawn(screen, "Total") == [None, "1.0000", "-1.0000"]

    server.mark(TICKER, "0.75")
    await expect(plot).to_have_attribute("data-total", "3.5000")
    server.settle(TICKER, "yes")
    await expect(plot).to_have_attribute("data-total", "6.0000")

    assert (await drawn(screen, "Realized"))[-1] == "6.0000"
    assert (await drawn(screen, "Unrealized"))[-1] == "0.0000"
    await expect(screen.total("realized")).to_have_text("6.0000")
    await expect(plot.locator(".main-svg").first).to_be_visible()


async def test_unknown_is_a_gap(charted_screen: Screen) -> None:
    """Never a line at 0, and a sentence says why."""
    screen = charted_screen
    screen.server.fill("alice", TICKER)
    await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "1")

    assert await drawn(screen, "Total") == [None]
    assert await drawn(screen, "Realized") == ["0.0000"]
    await expect(screen.page.locator("#chart-note")).to_have_text(
        "Total and unrealized are unknown while an open market has no mark."
    )


async def test_longer_ranges_show_more(charted_screen: Screen) -> None:
    """A day, a week, and all there is: years, where an hour a point would be too many, as the service says."""
    screen = charted_screen
    server = screen.server
    screen.expected_statuses = {400}
    now_ms = time.time_ns() // 1_000_000
    times_ms = [now_ms - hours * 60 * MINUTE_MS for hours in (96_000, 95_000, 94_000, 72, 12, 0)]
    for ts_ms in times_ms:
        server.fill("alice", TICKER, price="0.4", count=1, ts_ms=ts_ms)
    await screen.enter()

    days = len({ts_ms // (24 * 60 * MINUTE_MS) for ts_ms in times_ms})  # in the morning the last two are of one day
    for name, points in (("hour", 2), ("day", 3), ("week", 4), ("all", days)):
        await screen.page.click(f'label:has(input[value="{name}"])')
        await expect(screen.page.locator("#plot")).to_have_attribute("data-points", str(points))
    await expect(screen.page.locator("#chart-note")).not_to_contain_text("could not be read")


async def test_busy_service_is_asked_for_the_chart_again(charted_screen: Screen) -> None:
    """However often, and nothing is said any more once it answered."""
    screen = charted_screen
    screen.server.fill("alice", TICKER, ts_ms=(time.time_ns() // 1_000_000) - MINUTE_MS)
    screen.server.mark(TICKER, "0.5")
    left = await screen.refuse("/v1/pnl/history", [429, 503, 429, 429, 429, 429, 429])
    await screen.enter()

    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "2")
    await expect(screen.page.locator("#chart-note")).to_have_text("")
    assert left == []


@pytest.mark.parametrize(
    ("minutes", "least_ms", "most_ms"), [(10, 601_800, 612_000), (2, 112_200, 122_400), (0, 10_000, 10_000)]
)
async def test_young_account_fills_the_chart(charted_screen: Screen, minutes: int, least_ms: int, most_ms: int) -> None:
    """What there is for some minutes is not squeezed into a corner of an hour; points stand at the ends of spans."""
    screen = charted_screen
    now_ms = time.time_ns() // 1_000_000
    screen.server.fill("alice", TICKER, ts_ms=now_ms - minutes * MINUTE_MS)
    screen.server.mark(TICKER, "0.5", ts_ms=now_ms)
    await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "2" if minutes else "1")

    assert least_ms <= await milliseconds_in_view(screen) <= most_ms


async def test_chart_shows_no_more_than_was_chosen(charted_screen: Screen) -> None:
    """However old the account is."""
    screen = charted_screen
    now_ms = time.time_ns() // 1_000_000
    for minutes in (90, 30, 0):
        screen.server.fill("alice", TICKER, ts_ms=now_ms - minutes * MINUTE_MS)
    await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "3")

    assert await milliseconds_in_view(screen) == 60 * MINUTE_MS


async def test_colours_follow_the_scheme(charted_screen: Screen) -> None:
    """Also while the page is open."""
    screen = charted_screen
    screen.server.fill("alice", TICKER)
    await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-points", "1")
    light = await screen.page.evaluate("document.getElementById('plot').layout.font.color")

    await screen.page.emulate_media(color_scheme="dark")

    await screen.page.wait_for_function(
        "light => document.getElementById('plot').layout.font.color !== light", arg=light
    )


async def test_chart_of_a_page_in_the_background_is_drawn_when_it_is_looked_at(charted_screen: Screen) -> None:
    """Although nothing changes any more; before, there was nobody to draw it for."""
    screen = charted_screen
    screen.server.fill("alice", TICKER)
    await screen.page.clock.install()
    await screen.page.evaluate(
        "() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })"
    )
    async with screen.page.expect_response("**/v1/pnl/history*") as read:
        await screen.enter()
    await (await read.value).finished()
    await screen.page.clock.run_for(3_000)
    plot = screen.page.locator("#plot")
    await expect(plot.locator("svg")).to_have_count(0)

    await screen.page.evaluate(
        "() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }"
    )

    await expect(plot).to_have_attribute("data-points", "1")
    await expect(plot.locator(".main-svg").first).to_be_visible()


async def test_without_the_extra_a_sentence_says_how_to_get_it(screen: Screen) -> None:
    """And everything else is there."""
    screen.server.fill("alice", TICKER)
    await screen.enter()

    await expect(screen.row(TICKER)).to_be_visible()
    await expect(screen.page.locator("#no-chart")).to_have_text(
        re.compile(r"^For a chart of profit and loss, install the extra\s+openpositions\[dashboard\] for the service")
    )
    await expect(screen.page.locator("#plot")).to_be_hidden()
