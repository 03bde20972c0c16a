"""A browser, and pages in it that show the dashboard of a running service."""

from __future__ import annotations

from shutil import which
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from openpositions.server.dashboard import routes
from openpositions.server.dashboard.files import PageFiles
from tests.server.dashboard.screen import FOREIGN_HOST, PATIENCE_MS, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from openpositions.testing.sandbox_server import SandboxServer
    from tests.server.dashboard.screen import Screen

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_PROGRAM = next(filter(None, map(which, _NAMES)), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs a browser where there is none. From here, and not from the fixture, it is told in one line."""
    if _PROGRAM is None and "browser" in getattr(item, "fixturenames", ()):
        pytest.skip("Chromium, in which the dashboard is tested, is not installed")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of a worker. Tests that use it run in the loop that it lives in, that of the session."""
    expect.set_options(timeout=PATIENCE_MS)
    arguments = [f"--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_PROGRAM,
            args=arguments,
            chromium_sandbox=False,  # it cannot have one where everything runs as root, and opens our pages only
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def files_without_charts() -> PageFiles:
    """Those of an installation that lacks the extra."""
    return PageFiles(None)


@pytest.fixture
def without_charts(monkeypatch: pytest.MonkeyPatch, files_without_charts: PageFiles) -> None:
    """Services that start now serve no chart library: most tests are quicker without."""
    monkeypatch.setattr(routes, "installed_files", lambda: files_without_charts)


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, without_charts: None, openpositions_server: SandboxServer) -> AsyncIterator[Screen]:  # noqa: ARG001 - before the server starts
    """The dashboard of a new service, opened and not signed in, without a chart."""
    async with opened(browser, openpositions_server) as screen:
        yield screen


@pytest_asyncio.fixture(loop_scope="session")
async def charted_screen(browser: Browser, openpositions_server: SandboxServer) -> AsyncIterator[Screen]:
    """The same with a chart."""
    async with opened(browser, openpositions_server) as screen:
        yield screen
