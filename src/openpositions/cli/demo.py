"""`openpositions demo`: the service, with a simulated market feeding it."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from openpositions import loops
from openpositions.cli.configuration import configured, warn_of_variables
from openpositions.cli.demo_guide import DemoKey, print_guide
from openpositions.cli.demo_link import dashboard_link
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.serving import serving
from openpositions.cli.setting_flags import with_setting_flags
from openpositions.server.keys import KeyStore, NewKey
from openpositions.testing.market import SimulatedMarket
from openpositions.wire.signing import format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from openpositions.core.events import Event
    from openpositions.server.service import Service
    from openpositions.server.settings import Settings

EXAMPLE = "Example: openpositions demo --users 200 --markets 40 --rate 500"

# Those who get a key; whoever trades besides is a number.
_USERS = ("alice", "bob")

_MOST_BEHIND_SECONDS = 1.0
_EVENTS_AT_ONCE = 500


@with_setting_flags
def command(
    flags: dict[str, str | bool],
    data: Annotated[
        Path | None, typer.Option(help="Keep everything here, not in a temporary directory.", metavar="DIR")
    ] = None,
    seed: Annotated[int, typer.Option(help="Plays the same market again.")] = 1,
    users: Annotated[int, typer.Option(help="Who trade besides the house.", min=2, max=100_000)] = 2,
    markets: Annotated[int, typer.Option(help="Open at a time.", min=1, max=10_000)] = 8,
    rate: Annotated[float, typer.Option(help="Fills a second, on average.", min=0.1, max=50_000)] = 8.0,
) -> None:
    """Run the service with a simulated market and two users who have a key, and print what to do next.

    Everything `serve` takes is taken here too.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="openpositions-demo-")))
        settings = stack.enter_context(configured(data, flags))
        log_to_stderr()
        warn_of_variables()
        loops.run(_demo(settings, seed, users, markets, rate))


async def _demo(settings: Settings, seed: int, users: int, markets: int, rate: float) -> None:
    async with serving(settings) as served:
        # Another name in every run: trades of an earlier one in the same directory are other trades.
        traders = [*_USERS, *(f"user-{number}" for number in range(len(_USERS) + 1, users + 1))]
        name = f"SIM{served.service.now_ms():X}"
        market = SimulatedMarket(seed, traders, name=name, markets=markets, fills_per_second=rate)
        await served.service.pipeline.submit(market.opening(served.service.now_ms()))
        first, second = (_make_key(served.service.keys, settings.data, user) for user in _USERS)
        link = dashboard_link(served.url, served.service.keys, first.user)
        print_guide(served.url, settings.data.absolute(), first, second, link)
        stopped = asyncio.create_task(served.stop.wait())
        trading = asyncio.create_task(_trade(market, served.service))
        done, _ = await asyncio.wait([stopped, trading], return_when=asyncio.FIRST_COMPLETED)
        trading.cancel()
        if trading in done:
            trading.result()


async def _trade(market: SimulatedMarket, service: Service) -> NoReturn:
    """Trades at the pace of the market: what is due is fed together; up to a second that was missed is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        events: list[Event] = []
        while due <= loop.time() and len(events) < _EVENTS_AT_ONCE:
            step = market.step(service.now_ms())
            events += step.events
            due += step.pause_seconds
        await service.pipeline.submit(events)
        due = max(due, loop.time() - _MOST_BEHIND_SECONDS)
        await asyncio.sleep(due - loop.time())


def _make_key(keys: KeyStore, data: Path, user: str) -> DemoKey:
    """A key whose private half is in a file that belongs to the demo: a later run replaces it."""
    private_key = generate_key("rsa")
    public_key = format_public_key(private_key.public_key())
    key = keys.add(NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key))
    file = data.absolute() / f"demo-{user}.pem"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(format_private_key(private_key))
    return DemoKey(user, key.key_id, file)
