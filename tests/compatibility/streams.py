"""Each feature of the socket, observed: true if the client did it, false if it did not within some seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from itertools import count
from typing import Any, NamedTuple

from tests.acceptance.http import connections, feed, fill, settlement
from tests.acceptance.programs import Running, running
from tests.acceptance.service import Service
from tests.compatibility.clients import Client
from tests.compatibility.features import Feature
from tests.compatibility.relay import relayed
from tests.compatibility.values import FILLED, SETTLED, TRADED, Naming

_PATIENCE_SECONDS = 10
"""How long a client may take to hear of something."""
_SILENCE_SECONDS = 1.0
"""After which a client has not heard of it."""
_RECONNECT_SECONDS = 30
_NUMBERS = count()


class Stage(NamedTuple):
    """The client, the service that it talks to, and the markets of one observation."""

    client: Client
    service: Service
    probe: str
    own: str
    other: str

    def subscribed(self, channel: str, *tickers: str, url: str | None = None) -> AbstractAsyncContextManager[Running]:
        """The client, subscribed, while it runs."""
        return running(self.service, self.client.program, "alice", channel, *tickers, url=url, quiet=True)

    async def until_it_listens(self, program: Running, market: str = "") -> None:
        """Trades in a market until the program tells of it."""
        heard = asyncio.create_task(program.next_row())
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not (await asyncio.wait([heard], timeout=0.2))[0]:
                    await self.trade(market or self.probe)
        finally:
            heard.cancel()

    async def trade(self, market: str) -> None:
        """Buys 10 YES at 0.40."""
        event = fill(f"{market}-{next(_NUMBERS)}", "alice", market, price="0.4000", fee="0.1700", order_id="o1")
        await feed(self.service, event)

    async def rows(self, program: Running, *markets: str) -> list[dict[str, Any]]:
        """The next row of each market, in the order in which they come; those of the probe are passed over."""
        rows: list[dict[str, Any]] = []
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(rows) < len(markets):
                row = await program.next_row()
                if row.get("market_ticker") != self.probe:
                    rows.append(row)
        if [row.get("market_ticker") for row in rows] != list(markets):
            raise _Wrong
        return rows

    async def silent(self, program: Running) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                await program.next_row()
        except TimeoutError:
            return True
        return False


class _Wrong(Exception):
    """What came is not what happened."""


async def connects(stage: Stage) -> bool:
    """The service counts its connection."""
    before = await connections(stage.service)
    async with stage.subscribed("market_positions", *_tickers(stage)):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await connections(stage.service) <= before:
                await stage.trade(stage.probe)
    return True


def positions(feature: Feature) -> Callable[[Stage], Awaitable[bool]]:
    """Every market's rows in one dialect."""

    async def observe(stage: Stage) -> bool:
        naming = stage.client.namings[feature]
        async with stage.subscribed("market_positions") as program:
            await stage.until_it_listens(program)
            return await _right_rows(stage, program, naming, stage.other, stage.own, stage.own)

    return observe


async def named_markets(stage: Stage) -> bool:
    """The rows of its own market and no other."""
    naming = stage.client.naming
    arguments = ("market_positions", stage.probe, stage.own)
    async with stage.subscribed(*arguments) as program:
        await stage.until_it_listens(program)
        return await _right_rows(stage, program, naming, stage.own, stage.own)


async def _right_rows(stage: Stage, program: Running, naming: Naming, *markets: str) -> bool:
    await stage.trade(stage.other)
    await stage.trade(stage.own)
    await feed(stage.service, settlement(stage.own, "yes"))
    *traded, settled = await stage.rows(program, *markets)
    return all(naming.right(row, TRADED, naming.position) for row in traded) and naming.right(
        settled, SETTLED, naming.position
    )


async def fills(stage: Stage) -> bool:
    """A fill of its own market, whose fields are right."""
    naming = stage.client.naming
    async with stage.subscribed("fill", *_tickers(stage)) as program:
        await stage.until_it_listens(program)
        await stage.trade(stage.own)
        (row,) = await stage.rows(program, stage.own)
        return naming.right(row, FILLED, naming.fill) and row.get("side") in {"yes", "buy"}


async def lifecycle(stage: Stage) -> bool:
    """Of a market that settled, with its result."""
    channel = "market_lifecycle_v2"
    async with stage.subscribed(channel, *_tickers(stage)) as program:
        heard = asyncio.create_task(program.next_row())
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not heard.done():
                    market = f"{stage.own}-{next(_NUMBERS)}"
                    await stage.trade(market)
                    await feed(stage.service, settlement(market, "yes"))
                    await asyncio.wait([heard], timeout=0.2)
            row = heard.result()
        finally:
            heard.cancel()
        return str(row.get("market_ticker", "")).startswith(stage.own) and row.get("result") == "yes"


async def adds(stage: Stage) -> bool:
    """A market that it did not name at first."""
    arguments = ("market_positions", stage.probe)
    async with stage.subscribed(*arguments) as program:
        await stage.until_it_listens(program)
        program.tell("add", stage.own)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                await stage.trade(stage.own)
                await stage.trade(stage.probe)
                while (row := await program.next_row())["market_ticker"] != stage.probe:
                    if row["market_ticker"] == stage.own:
                        return True


async def removes(stage: Stage) -> bool:
    """A market that it named: then it hears of the other only."""
    arguments = ("market_positions", stage.probe, stage.own)
    async with stage.subscribed(*arguments) as program:
        await stage.until_it_listens(program)
        program.tell("remove", stage.own)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                await asyncio.sleep(0.2)
                await stage.trade(stage.own)
                await stage.trade(stage.probe)
                heard = set()
                while stage.probe not in heard:
                    heard.add((await program.next_row())["market_ticker"])
                if stage.own not in heard and await stage.silent(program):
                    return True


async def unsubscribes(stage: Stage) -> bool:
    """Nothing comes any more, and it is still connected."""
    before = await connections(stage.service)
    async with stage.subscribed("market_positions", *_tickers(stage)) as program:
        await stage.until_it_listens(program)
        program.tell("unsubscribe")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await stage.silent(program):
                pass
        await stage.trade(stage.probe)
        return await stage.silent(program) and await connections(stage.service) > before


async def reconnects(stage: Stage) -> bool:
    """Cut off without a word, it is there again."""
    async with relayed(stage.service) as relay:
        arguments = ("market_positions", *_tickers(stage))
        async with stage.subscribed(*arguments, url=relay.url) as program:
            await stage.until_it_listens(program)
            relay.cut()
            while not await stage.silent(program):
                pass
            async with asyncio.timeout(_RECONNECT_SECONDS):
                while await stage.silent(program):
                    await stage.trade(stage.probe)
            return True


def _tickers(stage: Stage) -> tuple[str, ...]:
    """What to subscribe with: nothing, or where a client cannot do without tickers, two of them."""
    needs = Feature.POSITIONS_BOTH in stage.client.lacks
    return (stage.probe, stage.own) if needs else ()


OBSERVERS: dict[Feature, Callable[[Stage], Awaitable[bool]]] = {
    Feature.CONNECTS: connects,
    Feature.POSITIONS_2025: positions(Feature.POSITIONS_2025),
    Feature.POSITIONS_2026: positions(Feature.POSITIONS_2026),
    Feature.POSITIONS_BOTH: positions(Feature.POSITIONS_BOTH),
    Feature.NAMED_MARKETS: named_markets,
    Feature.FILLS: fills,
    Feature.LIFECYCLE: lifecycle,
    Feature.ADDS: adds,
    Feature.REMOVES: removes,
    Feature.UNSUBSCRIBES: unsubscribes,
    Feature.RECONNECTS: reconnects,
}


async def observe(client: Client, service: Service, feature: Feature) -> bool:
    """Whether a client does it, at a service that speaks the dialect of the feature."""
    number = next(_NUMBERS)
    stage = Stage(client, service, *(f"{name}-{number}" for name in ("PROBE", "OWN", "OTHER")))
    try:
        return await OBSERVERS[feature](stage)
    except (TimeoutError, _Wrong, AssertionError):
        return False
