"""What somebody sees and does who sits before the dashboard."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from playwright.async_api import FilePayload, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Route

    from openpositions.testing.sandbox_server import SandboxServer
    from openpositions.testing.user_keys import UserKey

PATIENCE_MS = 20_000

FOREIGN_HOST = "desk.example"
"""A name of the service that is none of this machine, as browsers see it."""


class Screen:
    """A page of the dashboard."""

    def __init__(self, page: Page, server: SandboxServer) -> None:
        self.page = page
        self.server = server
        self.complaints: list[str] = []
        """What the browser reported: errors of scripts, and what the policy kept from happening."""
        self.expected_statuses: set[int] = set()
        """Of refused requests that belong to the test, which the browser reports too; 1006 for refused sockets."""
        self.expects_absence = False
        """Whether the service may be gone for a while."""
        page.on("console", self._take)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _take(self, message: ConsoleMessage) -> None:
        refused = re.match(r"Failed to load resource: the server responded with a status of (\d+)", message.text)
        if refused and int(refused[1]) in self.expected_statuses:
            return
        if "WebSocket" in message.text and 1006 in self.expected_statuses:
            return
        if self.expects_absence and "net::ERR_" in message.text:
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def open(self, address: str = "") -> None:
        """Goes to the page; it is there when its script has run."""
        await self.page.goto(address or self.server.url)
        await expect(self.page.locator("#version")).not_to_be_empty()

    async def sign_in(self, key: UserKey, *, key_id: str | None = None, pem: str | None = None) -> None:
        """Fills in the form and sends it; with another key id or another file where that is given."""
        await self.page.fill("#key-id", key.key_id if key_id is None else key_id)
        await self.choose_file(key.private_key if pem is None else pem)
        await self.page.click("#enter")

    async def choose_file(self, text: str) -> None:
        """Chooses a file that holds this."""
        file = FilePayload(name="key.pem", mimeType="application/x-pem-file", buffer=text.encode())
        await self.page.set_input_files("#key-file", files=file)

    async def enter(self, user: str = "alice") -> UserKey:
        """Signs in as a user and waits until everything is shown; their key."""
        key = self.server.key(user)
        await self.sign_in(key)
        await self.until_phase("live")
        return key

    async def until_phase(self, phase: str) -> None:
        """Waits until the connection is in a state."""
        await expect(self.page.locator("html")).to_have_attribute("data-phase", phase)

    async def until_sequence(self, sequence: int) -> None:
        """Waits until what is shown is as of an entry of the journal."""
        await self.page.wait_for_function(
            "least => Number(document.documentElement.dataset.sequence) >= least", arg=sequence, timeout=PATIENCE_MS
        )

    async def until_refused(self, sentence: str) -> None:
        """Waits until the form says why it did not let in."""
        await expect(self.page.locator("#refusal")).to_have_text(sentence)

    async def choose(self, kind: str) -> None:
        """Shows `open`, `settled` or `all` rows."""
        await self.page.click(f"label:has(#show-{kind})")

    def row(self, ticker: str, subaccount: int = 0) -> Locator:
        """The row of a market."""
        return self.page.locator(f'#rows tr[data-ticker="{ticker}"][data-subaccount="{subaccount}"]')

    def text(self, ticker: str, column: str, subaccount: int = 0) -> Locator:
        """What stands in a cell, without the tag beside it."""
        return self.row(ticker, subaccount).locator(f'[data-column="{column}"] .text')

    def tag(self, ticker: str, column: str, subaccount: int = 0) -> Locator:
        """The word beside what stands in a cell."""
        return self.row(ticker, subaccount).locator(f'[data-column="{column}"] .tag')

    async def cells(self, ticker: str, subaccount: int = 0) -> dict[str, str]:
        """The texts of a row by column, as of one moment."""
        cells: dict[str, str] = await self.row(ticker, subaccount).evaluate(
            """row => Object.fromEntries([...row.cells].map(
                 cell => [cell.dataset.column, cell.querySelector(".text").textContent]))"""
        )
        return cells

    async def totals(self) -> dict[str, str]:
        """The texts of the totals by name, as of one moment."""
        totals: dict[str, str] = await self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("#totals [data-total]")].map(
                 total => [total.dataset.total, total.textContent]))"""
        )
        return totals

    def total(self, name: str) -> Locator:
        """One of them."""
        return self.page.locator(f'#totals [data-total="{name}"]')

    async def tickers(self) -> list[str]:
        """The markets of the rows in view, from top to bottom."""
        rows = self.page.locator("#rows tbody tr[data-ticker]")
        tickers: list[str] = await rows.evaluate_all("rows => rows.map(row => row.dataset.ticker)")
        return tickers

    def changes(self, kind: str = "") -> Locator:
        """Those that are listed, of a kind."""
        return self.page.locator(f'#feed li[data-kind="{kind}"]' if kind else "#feed li")

    async def refuse(self, path: str, statuses: Sequence[int]) -> list[int]:
        """Answers the next requests for a path with these statuses, and makes pauses short; those that are left."""
        self.expected_statuses |= set(statuses)
        left = list(statuses)

        async def answer(route: Route) -> None:
            if left:
                await route.fulfill(status=left.pop(0), json={"error": "too many requests"})
            else:
                await route.continue_()

        await self.page.route(f"**{path}*", answer)
        await self.page.evaluate("""() => {
            const pause = setTimeout;
            globalThis.setTimeout = (todo, ms, ...rest) => pause(todo, Math.min(ms ?? 0, 20), ...rest); }""")
        return left

    async def module(self, name: str, expression: str, argument: Any = None) -> Any:  # noqa: ANN401 - JSON
        """What an expression gives of a module `m` of the page and an argument `a`."""
        script = f'async a => {{ const m = await import("/dashboard/{name}.js"); return {expression}; }}'
        return await self.page.evaluate(script, argument)


@asynccontextmanager
async def opened(browser: Browser, server: SandboxServer) -> AsyncIterator[Screen]:
    """The dashboard of a service, not signed in. It must not have complained when it is left."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    screen = Screen(await context.new_page(), server)
    await screen.open()
    yield screen
    complaints = screen.complaints
    await context.close()
    assert complaints == [], complaints
