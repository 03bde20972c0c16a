"""`openpositions verify`: whether every number is what the journal makes it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import typer
from rich.console import Console

from openpositions import loops
from openpositions.cli.attached import attached
from openpositions.cli.options import AsJson, Data
from openpositions.client.requests import ask
from openpositions.engine.verification import Verification

EXAMPLE = "Example: openpositions verify --data positions"


def command(data: Data, as_json: AsJson = False) -> None:
    """Recompute every position from the journal, check every invariant, and compare with what is served.

    Works beside a running service. Exits with 1 and names the differences when there are any.
    """
    verification = loops.run(_verify(data))
    if as_json:
        print(msgspec.json.encode(verification).decode())
    else:
        _print(verification)
    raise typer.Exit(1 if verification.difference_count else 0)


async def _verify(data: Path) -> Verification:
    async with attached(data) as session:
        return await ask(session, "GET", "/v1/verify", Verification)


def _print(done: Verification) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{done.entries:,} entries up to {done.sequence}, in order and each as it was written")
    console.print(f"{done.positions:,} positions recomputed from entry 1, every invariant checked at every entry")
    console.print(
        f"compared with the live book, and with the checkpoint of entry {done.checkpoint_through} and the rest"
    )
    console.print(f"{done.identities:,} identities looked up in the index of the checkpoint")
    console.print(f"{done.busts:,} busts counted again, {done.balanced_markets:,} markets that must add up to nothing")
    if not done.difference_count:
        console.print("no differences", style="green")
        return
    console.print(f"{done.difference_count:,} differences", style="red")
    for difference in done.differences:
        console.print(difference, markup=False)
