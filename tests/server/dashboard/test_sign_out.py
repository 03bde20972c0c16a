"""Signing out: nothing of whoever was signed in is left, neither in the page nor in the memory behind it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Route

    from tests.server.dashboard.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "FED-23DEC-T3.00"
CHART = "document.getElementById('chart').outerHTML"
BODY = "document.body.outerHTML"
COLLECTIONS = 20


async def leave(screen: Screen) -> None:
    """Signs out; the form is there."""
    await screen.page.click("#sign-out")
    await expect(screen.page.locator("#sign-in")).to_be_visible()


async def count_keys(devtools: CDPSession) -> int:
    """How many private keys the page holds once what nothing refers to is collected."""
    await devtools.send("HeapProfiler.collectGarbage")
    prototype = await devtools.send("Runtime.evaluate", {"expression": "CryptoKey.prototype", "objectGroup": "count"})
    found = await devtools.send(
        "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"], "objectGroup": "count"}
    )
    counted = await devtools.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": "function () { return this.length; }",
            "returnByValue": True,
        },
    )
    await devtools.send("Runtime.releaseObjectGroup", {"objectGroup": "count"})
    count: int = counted["result"]["value"]
    return count


async def test_page_is_as_it_was_before(screen: Screen) -> None:
    """To the last attribute: no row, no total, no count, no key id, no file, no connection."""
    server = screen.server
    server.fill("alice", TICKER, price="0.4", count=10)
    server.mark(TICKER, "0.55")
    server.fill("alice", "EV-OVER", price="0.4", count=10)
    server.settle("EV-OVER", "yes")
    before = await screen.page.evaluate(BODY)
    key = await screen.enter()
    await screen.page.fill("#filter", "FED")
    await screen.choose("all")
    await expect(screen.page.locator("#count-settled")).to_have_text("1")
    server.fill("alice", TICKER)
    await expect(screen.changes()).to_have_count(1)
    assert "FED-23DEC" in await screen.page.evaluate(BODY)

    await leave(screen)

    await server.wait_for_async(connections=0)
    assert await screen.page.evaluate(BODY) == before
    assert await screen.page.evaluate("({...document.documentElement.dataset})") == {}
    assert await screen.page.title() == "openpositions"
    values = "[...document.querySelectorAll('input:not([type=radio])')].map(input => input.value)"
    assert await screen.page.evaluate(values) == ["", "", ""]
    assert key.key_id not in await screen.page.content()


async def test_chart_is_as_it_was_before(charted_screen: Screen) -> None:
    """Its lines, and what is said of it to those who cannot see it."""
    screen = charted_screen
    screen.server.fill("alice", TICKER, price="0.4", count=10)
    screen.server.mark(TICKER, "0.4321")
    before = await screen.page.evaluate(CHART)
    await screen.enter()
    await expect(screen.page.locator("#plot")).to_have_attribute("data-total", "0.3210")
    await screen.page.click('label:has(input[value="day"])')
    assert "0.3210" in await screen.page.evaluate(CHART)

    await leave(screen)

    assert await screen.page.evaluate(CHART) == before
    assert "0.3210" not in await screen.page.content()
    await screen.enter()
    await expect(screen.page.locator('input[value="hour"]')).to_be_checked()


async def test_chart_that_comes_late_is_not_drawn(charted_screen: Screen) -> None:
    """Somebody signs out while the library is loaded: what they had does not appear afterwards."""
    screen = charted_screen
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await let_go.wait()
        await route.continue_()

    await screen.page.route("**/plotly.min.js", hold)
    screen.server.fill("alice", TICKER)
    before = await screen.page.evaluate(CHART)
    await screen.enter()
    await asyncio.wait_for(asked.wait(), 20)
    await leave(screen)

    let_go.set()
    await screen.page.wait_for_function("() => globalThis.Plotly !== undefined")
    await screen.page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    assert await screen.page.evaluate(CHART) == before


async def test_private_keys_are_forgotten(charted_screen: Screen) -> None:
    """However often somebody signs in and out, and whatever was under way: no key is kept alive."""
    screen = charted_screen
    server = screen.server
    server.fill("alice", TICKER, ts_ms=time.time_ns() // 1_000_000)
    devtools = await screen.page.context.new_cdp_session(screen.page)
    await screen.enter()
    assert await count_keys(devtools) == 1
    await leave(screen)
    await screen.enter()
    server.fill("alice", TICKER)  # the row is marked as changed, for a while
    await expect(screen.changes()).to_have_count(1)
    await leave(screen)
    screen.expected_statuses = {429}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=429, json={"error": "too many requests"})

    await screen.page.route("**/history*", refuse)
    await screen.enter()
    await expect(screen.page.locator("#extent")).to_contain_text("Too many requests")
    await leave(screen)

    for _ in range(COLLECTIONS):
        if (left := await count_keys(devtools)) == 0:
            break
    assert left == 0


async def test_forgotten_key_signs_nothing(screen: Screen) -> None:
    """Whatever still holds the signer."""
    script = """(async () => {
        const { privateKey } = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
        const signer = new m.Signer("some", privateKey, { name: "Ed25519" });
        const signed = Object.keys(await signer.headers("GET", "/")).length;
        signer.forget();
        return [signed, signer.forgotten.aborted, await signer.headers("GET", "/").catch(error => error.message)];
    })()"""
    told: list[Any] = await screen.module("signing", script)

    assert told == [3, True, "the key was forgotten"]
