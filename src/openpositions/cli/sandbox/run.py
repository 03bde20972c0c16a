"""`openpositions sandbox run`: a scenario, played to a service of its own or to a running one."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, aclosing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from openpositions import loops
from openpositions.cli.logs import log_to_stderr
from openpositions.cli.options import AsJson, KeyFile, KeyId, Url
from openpositions.cli.sandbox.keys import make_keys
from openpositions.cli.sandbox.report import Reporter
from openpositions.cli.sandbox.scenarios import ScenarioName, find
from openpositions.cli.serving import serving_again
from openpositions.cli.target import choose_target, reached
from openpositions.errors import Misconfigured
from openpositions.server.sandbox.faults import Faults
from openpositions.server.settings import Settings
from openpositions.testing.scenario import HttpStage, SigningClock, Tempo, play

if TYPE_CHECKING:
    from openpositions.cli.serving import Serving
    from openpositions.cli.target import Remote
    from openpositions.testing.scenario import Outcome, PlannedScenario

EXAMPLE = "Example: openpositions sandbox run partial-closes --virtual"

_LOOK_SECONDS = 0.02


class _Wishes(NamedTuple):
    """What was asked for besides the scenario."""

    tempo: Tempo
    wait_for: int
    keep: bool
    keys: Path | None


def command(
    name: ScenarioName,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="Wait for nothing; events carry the times of the file.")
    ] = False,
    speed: Annotated[float, typer.Option(help="How many times as fast as the file says.", min=0.01, max=1000)] = 1.0,
    wait_for: Annotated[
        int, typer.Option(help="Begin when so many sockets have subscribed.", metavar="SOCKETS", min=0, max=10_000)
    ] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Go on serving afterwards, until Control-C.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="Keep everything here, not in a temporary directory.", metavar="DIR")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the service; 0 picks a free one.", min=0, max=65535)] = 0,
    wire: Annotated[str, typer.Option(help="Dialect of connections that name none: 2025, 2026 or both.")] = "both",
    url: Url = None,
    key_id: KeyId = None,
    key_file: KeyFile = None,
    keys: Annotated[
        Path | None, typer.Option(help="Where the private key of the users goes.", metavar="DIR", file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play a scenario and check the rows that it expects; exits with 1 and shows what differs.

    Starts a service of its own, prints `ready URL` and a key for every user of the scenario, and ends with it. With
    --url, plays to a running one, whose key needs the scopes ingest and admin; then keys are made only with --keys.
    """
    if virtual and speed != 1:
        raise Misconfigured("give --virtual or --speed, not both: virtual time does not pass")
    planned, reporter = find(name), Reporter(as_json=as_json)
    wishes = _Wishes(Tempo(virtual, speed), wait_for, keep, keys)
    outcome: Outcome | None
    if url:
        if data or keep or wait_for:
            raise Misconfigured("--data, --keep and --wait-for are for a service of its own, not for --url")
        outcome = loops.run(_play_to(choose_target(None, url, key_id, key_file), planned, wishes, reporter))
    else:
        outcome = _play_here(data, port, wire, planned, wishes, reporter)
    raise typer.Exit(130 if outcome is None else 0 if outcome.is_as_expected else 1)


def _play_here(
    data: Path | None, port: int, wire: str, planned: PlannedScenario, wishes: _Wishes, reporter: Reporter
) -> Outcome | None:
    log_to_stderr()
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(TemporaryDirectory(prefix="openpositions-sandbox-")))
        return loops.run(_serve(Settings(data=data.absolute(), port=port, wire=wire), planned, wishes, reporter))


async def _play_to(target: Path | Remote, planned: PlannedScenario, wishes: _Wishes, reporter: Reporter) -> Outcome:
    clock = SigningClock()
    async with reached(target, now_ms=clock.now_ms) as session:
        if wishes.keys:
            reporter.keys(await make_keys(session, planned.users, wishes.keys))
        outcome = await play(planned, HttpStage(session, clock), wishes.tempo)
        reporter.outcome(planned, outcome)
        return outcome


async def _serve(settings: Settings, planned: PlannedScenario, wishes: _Wishes, reporter: Reporter) -> Outcome | None:
    """How the play went; None when it was stopped before its end. Serves again after each restart that it asks for."""
    faults = Faults()
    stops: list[asyncio.Event] = []
    playing: asyncio.Task[Outcome] | None = None

    def stop_after(played: asyncio.Task[Outcome]) -> None:
        if not wishes.keep or played.cancelled() or played.exception():
            stops[-1].set()

    async with aclosing(serving_again(settings, faults, reporter.ready)) as services:
        async for served in services:
            stops.append(served.stop)
            if playing is None:
                playing = asyncio.create_task(_play_there(served, settings.data, planned, wishes, reporter))
                playing.add_done_callback(stop_after)
            elif playing.done():
                stop_after(playing)
            if not await faults.until_restart(served.stop):
                playing.cancel()  # which is too late where it is done
    return playing.result() if playing and playing.done() and not playing.cancelled() else None


async def _play_there(
    served: Serving, data: Path, planned: PlannedScenario, wishes: _Wishes, reporter: Reporter
) -> Outcome:
    async with reached(data) as session:
        reporter.keys(await make_keys(session, planned.users, wishes.keys or data))
    while served.service.sockets.subscribed_count < wishes.wait_for:  # noqa: ASYNC110 - it is aiohttp that opens them
        await asyncio.sleep(_LOOK_SECONDS)
    return await _play_to(data, planned, wishes._replace(keys=None), reporter)
