"""The page can be read: in light and in dark, by eyes and by programs that read aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from typing import Literal

    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

# WCAG 2.2, 1.4.3.
LEAST_CONTRAST = 4.5


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out(screen: Screen, scheme: Literal["light", "dark"]) -> None:
    """From whatever it may stand on, the mark of a changed row included."""
    await screen.page.emulate_media(color_scheme=scheme)
    texts = ["text", "muted", "gain", "loss", "yes", "no", "ending", "accent"]
    places = ["panel", "ground", "marked", "hover"]
    names = [*texts, *places, "on-accent", "caution", "caution-ground"]
    script = (
        "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim())"
    )
    colours = dict(zip(names, await screen.page.evaluate(script, names), strict=True))
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours.values())

    pairs = [(text, place) for text in texts for place in places]
    pairs += [("on-accent", "accent"), ("caution", "caution-ground"), ("caution", "panel")]
    faint = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < LEAST_CONTRAST} == {}


async def test_all_has_a_name_when_it_is_read_aloud(screen: Screen) -> None:
    """Fields, choices, heads, cells, and what is unknown."""
    screen.server.fill("alice", "FED-23DEC-T3.00")
    page = screen.page
    await expect(page.get_by_label("Key id")).to_be_visible()
    await expect(page.get_by_label("Private key (PEM file)")).to_be_visible()
    await screen.enter()

    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    await expect(page.get_by_role("radio", name="Open 1")).to_be_checked()
    await expect(page.get_by_role("searchbox", name="Filter by ticker")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Unrealized")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="FED-23DEC-T3.00"))
    await expect(row).to_have_attribute("aria-rowindex", "2")
    await expect(row.get_by_label("Unknown: the service has no mark for this market")).to_have_count(3)
    await expect(page.get_by_role("table", name="Positions")).to_have_attribute("aria-rowcount", "2")
