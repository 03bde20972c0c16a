"""A browser, and pages in it that show the dashboard of a running service."""

from __future__ import annotations

from shutil import which
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.server.dashboard.screen import FOREIGN_HOST, Screen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from openpositions.testing.sandbox_server import SandboxServer

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a worker. Tests that use it run in the loop that it lives in, that of the session."""
    program = next(filter(None, map(which, _NAMES)), None)
    if program is None:
        pytest.skip("Chromium, in which the dashboard is tested, is not installed")
    arguments = [f"--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=arguments,
            chromium_sandbox=False,  # it cannot have one where everything runs as root, and opens our pages only
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, openpositions_server: SandboxServer) -> AsyncIterator[Screen]:
    """The dashboard of a new service, opened and not signed in. It must not have complained when the test ends."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    screen = Screen(await context.new_page(), openpositions_server)
    await screen.open()
    yield screen
    complaints = screen.complaints
    await context.close()
    assert complaints == []
