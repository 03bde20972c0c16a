"""Clients whose connections break at any byte, on a service that ends at any moment, know the book when it is quiet.

`CHAOS_EVENTS` sets the size. `CHAOS_SEED` plays another season, or again the one that failed: the tests are named by
it, the service is fed the same, and the same happens to the same clients. `make chaos` plays a long season.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.acceptance.service import Service
from tests.simulation.chaos import TROUBLES, Plan, bodies, witnesses
from tests.simulation.chaos_client import Client, Habit
from tests.simulation.place import Place
from tests.simulation.program import Program
from tests.simulation.proxy import Proxy
from tests.simulation.season import Season
from tests.simulation.workload import USERS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

pytestmark = pytest.mark.timeout(1_200)

CLIENTS = 50
PLAN = Plan(seed=int(os.environ.get("CHAOS_SEED", "1")), events=int(os.environ.get("CHAOS_EVENTS", "12000")))

NEVER, SELDOM, QUICK = Habit(reads=False), Habit(pause_seconds=1), Habit()

# What a service grows by in a round or two: its index of entries, and what 50 connections keep.
MOST_GROWN_BYTES = 48 << 20


class Played(NamedTuple):
    """A season that is over."""

    season: Season
    place: Place
    clients: list[Client]
    verification: dict[str, Any]


@pytest.fixture(scope="module", params=[PLAN], ids=str)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Played:
    """The season of the seed. Whatever any client was not told, or told wrongly, has failed it."""
    service = Service(tmp_path_factory.mktemp("chaos"), rsa_key, stall_seconds=3_600, reads_per_second=10_000)
    with pytest.MonkeyPatch.context() as patch:
        # Connections that are cut again and again make the library wait longer and longer, up to half a minute.
        patch.setattr("openpositions.client.backoff.LONGEST_SECONDS", 0.5)
        try:
            played = asyncio.run(play(request.param, Place(service)))
        finally:
            service.kill()  # a season that failed may have left it running
    print(f"\n{summary(played)}")  # noqa: T201 - for who plays another season, and beside what fails
    return played


async def play(plan: Plan, place: Place) -> Played:
    """The season of a plan, from the first start of the service to its last stop."""
    service = place.service
    async with AsyncExitStack() as stack:

        async def new_proxy() -> Proxy:
            return await stack.enter_async_context(Proxy(place))

        clients = []
        for witness, habit in zip(witnesses(plan, CLIENTS), (NEVER, SELDOM, *[QUICK] * (CLIENTS - 2)), strict=True):
            caller = service.add_key(witness.wish.user_id, subaccount=witness.wish.subaccount)
            clients.append(Client(caller, witness, place, habit, await new_proxy() if habit == QUICK else None))
        programs = [Program(service.add_key(user), service.key_file, await new_proxy()) for user in USERS]
        await place.start()
        for program in programs:
            await stack.enter_async_context(program)
        season = Season(plan, place, clients[:2], clients[2:], programs)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(client.run()) for client in clients]
            await season.play()
            for task in running:
                task.cancel()
        verification = await place.verification()
    await place.stop()
    return Played(season, place, clients, verification)


def summary(played: Played) -> str:
    """A season in figures."""
    season, witnesses = played.season, [client.witness for client in played.clients]
    figures = {
        "entries": season.truth.sequence,
        "frames": sum(witness.frames for witness in witnesses),
        "connections": sum(client.connections for client in played.clients),
        "cut at a byte": sum(client.proxy.cuts for client in played.clients if client.proxy),
        "resumed": sum(witness.recovered for witness in witnesses),
        "changes merged": sum(witness.conflated for witness in witnesses),
        "kills": played.place.kills,
        "stops": played.place.stops,
        "bodies durable but not answered": season.repeated,
        "quiet moments": len(season.moments),
        "most MB grown": max(moment.grown_bytes for moment in season.moments) // 1_000_000,
    }
    return ", ".join(f"{name} {figure:,}" for name, figure in figures.items())


def test_every_client_knew_the_book_whenever_it_was_quiet(played: Played) -> None:
    """Once a round, and the slow ones in the end; on their way no seq had a gap, and no sequence went back."""
    assert len(played.season.moments) == PLAN.rounds + 1
    assert played.season.moments[-1].sequence == played.season.truth.sequence


def test_the_journal_makes_the_book(played: Played) -> None:
    """After the last of many ends."""
    assert played.verification["sequence"] == played.season.truth.sequence
    assert played.verification["differences"] == []


def test_memory_stayed_bounded(played: Played) -> None:
    """Of every process that served, with readers beside it that take nothing."""
    assert max(moment.grown_bytes for moment in played.season.moments) < MOST_GROWN_BYTES


@pytest.mark.parametrize("number", [0, 1], ids=["never reading", "one frame a second"])
def test_a_slow_reader_is_told_the_last_of_what_it_missed(played: Played, number: int) -> None:
    """In place of the many changes in between."""
    assert played.clients[number].witness.conflated > PLAN.events // 100


def test_everything_that_can_happen_happened(played: Played) -> None:
    """Otherwise agreeing would prove little."""
    season, witnesses = played.season, [client.witness for client in played.clients]
    events = ["fill", "late fill", "settlement", "adjustment", "bust"]
    assert {name for name in events if season.truth.met[name] < 50} == set()
    assert {name for name in TROUBLES if season.trouble.met[name] < 3} == set()
    assert min(played.place.kills, played.place.stops) >= 1
    assert sum(client.proxy.cuts for client in played.clients if client.proxy) >= 50
    assert sum(witness.recovered for witness in witnesses) >= 2 * CLIENTS
    assert sum(witness.snapshots - witness.recovered for witness in witnesses) >= CLIENTS
    assert sum(witness.conflated > 0 for witness in witnesses) >= 10


def test_a_seed_plays_the_same_season() -> None:
    """The same bodies in the same order, and the same clients."""
    assert list(bodies(PLAN)) == list(bodies(PLAN))
    assert [one.wish for one in witnesses(PLAN, CLIENTS)] == [one.wish for one in witnesses(PLAN, CLIENTS)]
