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
from openpositions.cli.configuration import load_settings
from openpositions.cli.demo_guide import DemoKey, print_guide
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.serving import serving
from openpositions.cli.setting_flags import with_setting_flags
from openpositions.server.keys import KeyStore, NewKey
from openpositions.testing.market import SimulatedMarket
from openpositions.wire.signing import format_private_key, format_public_key, generate_key

if TYPE_CHECKING:
    from openpositions.server.service import Service
    from openpositions.server.settings import Settings

EXAMPLE = "Example: openpositions demo --seed 7 --speed 5"

_USERS = ("alice", "bob")


@with_setting_flags
def command(
    flags: dict[str, str | bool],
    data: Annotated[
        Path | None, typer.Option(help="Keep everything here, not in a temporary directory.", metavar="DIR")
    ] = None,
    seed: Annotated[int, typer.Option(help="Plays the same market again.")] = 1,
    speed: Annotated[float, typer.Option(help="How many times as fast as usual.", min=0.01, max=1000)] = 1.0,
) -> None:
    """Run the service with a simulated market and two users, and print what to do next.

    Everything `serve` takes is taken here too.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="openpositions-demo-")))
        settings = load_settings(data, flags)
        log_to_stderr()
        loops.run(_demo(settings, seed, speed))


async def _demo(settings: Settings, seed: int, speed: float) -> None:
    async with serving(settings) as served:
        # Another name in every run: trades of an earlier one in the same directory are other trades.
        market = SimulatedMarket(seed, _USERS, name=f"SIM{served.service.now_ms():X}")
        await served.service.pipeline.submit(market.opening(served.service.now_ms()))
        first, second = (_make_key(served.service.keys, settings.data, user) for user in _USERS)
        print_guide(served.url, settings.data.absolute(), first, second)
        stopped = asyncio.create_task(served.stop.wait())
        trading = asyncio.create_task(_trade(market, served.service, speed))
        done, _ = await asyncio.wait([stopped, trading], return_when=asyncio.FIRST_COMPLETED)
        trading.cancel()
        if trading in done:
            trading.result()


async def _trade(market: SimulatedMarket, service: Service, speed: float) -> NoReturn:
    while True:
        step = market.step(service.now_ms())
        await service.pipeline.submit(step.events)
        await asyncio.sleep(step.pause_seconds / speed)


def _make_key(keys: KeyStore, data: Path, user: str) -> DemoKey:
    """A key whose private half is in a file that belongs to the demo: a later run replaces it."""
    private_key = generate_key("rsa")
    public_key = format_public_key(private_key.public_key())
    key = keys.add(NewKey(user_id=user, scopes=frozenset({"read"}), public_key=public_key))
    file = data.absolute() / f"demo-{user}.pem"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(format_private_key(private_key))
    return DemoKey(user, key.key_id, file)
