"""The link that `openpositions demo` prints: one click, and somebody looks at a market that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from tests.cli.test_demo import demo

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.server.dashboard.screen import Screen


@pytest.mark.asyncio(loop_scope="session")
async def test_link_of_the_demo_signs_in(browser: Browser) -> None:
    """Positions are shown and change; the key is in the address no more, and was in no request."""
    with demo() as running:
        link = next(line.strip() for line in running.guide if "/#key_id=" in line)
        assert running.guide.index(f"  {link}") < 5
        (private_key,) = parse_qs(urlsplit(link).fragment)["private_key"]
        context = await browser.new_context()
        page = await context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.url} {request.headers}"))
        await page.goto(link)

        await expect(page.locator("html")).to_have_attribute("data-phase", "live")
        await expect(page.locator("#user")).to_have_text("alice")
        await expect(page.locator("#rows tr[data-ticker^=SIM]").first).to_be_visible()
        await expect(page.locator("#feed li").first).to_be_visible()
        assert page.url == link.partition("#")[0]
        assert await page.evaluate("history.length") <= 2
        assert len(asked) > 10
        assert [one for one in asked if private_key in one] == []
        await context.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_damaged_link_is_told(screen: Screen) -> None:
    """It is out of the address all the same, and the form is there."""
    await screen.page.goto(f"{screen.server.url}/#key_id=some&private_key=AAAA")

    await screen.until_refused("The link is damaged. This file is damaged: what it holds is no private key.")
    assert screen.page.url == f"{screen.server.url}/"


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    "rest", ["private_key=AAAA", "key_id=some", "key_id=&private_key=AAAA", "key_id=some&private_key="]
)
async def test_link_that_was_cut_off_is_told(screen: Screen, rest: str) -> None:
    """What is left of the key does not stay in the address."""
    await screen.page.goto(f"{screen.server.url}/#{rest}")

    await screen.until_refused("The link is damaged. A part of it is missing.")
    assert screen.page.url == f"{screen.server.url}/"


@pytest.mark.asyncio(loop_scope="session")
async def test_other_addresses_stay(screen: Screen) -> None:
    """What stands behind the `#` and is no key is nobody's business."""
    await screen.page.goto(f"{screen.server.url}/#rows")

    await expect(screen.page.locator("#sign-in")).to_be_visible()
    await expect(screen.page.locator("#refusal")).to_be_hidden()
    assert screen.page.url == f"{screen.server.url}/#rows"
