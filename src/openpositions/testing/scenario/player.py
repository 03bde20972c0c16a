"""Plays a scenario to a service, in real or virtual time, and says what is not as it was expected."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from openpositions.errors import RequestFailed
from openpositions.testing.scenario.expectations import Difference, Row, compare
from openpositions.wire.ingest.bodies import EventsAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpositions.testing.scenario.plan import Moment
    from openpositions.testing.scenario.reading import PlannedScenario
    from openpositions.wire.sandbox.faults import Fault

_VIRTUAL_START = datetime(2026, 1, 1, tzinfo=UTC)

# A scenario of 100,000 wrong events is wrong in one way.
_MOST_DIFFERENCES = 100


class Stage(Protocol):
    """A service that is played to."""

    async def feed(self, body: bytes) -> EventsAnswer:
        """Posts events, one a line; the answer comes when they are durable."""

    async def make_fault(self, fault: Fault) -> None:
        """Makes a fault; a restart is over when this returns."""

    async def row(self, user_id: str, market_ticker: str, subaccount: int) -> Row | None:
        """The row as it is now; None where that user never traded in the market."""


class Tempo(NamedTuple):
    """How the time of a scenario passes."""

    virtual: bool = False
    """Nothing waits, and events carry the times of the scenario; else they carry the time they are sent at."""
    speed: float = 1.0
    """How many times as fast, where time is real."""


class Outcome(msgspec.Struct, frozen=True):
    """How a play went."""

    scenario: str
    events: int
    """That were fed."""
    rows: int
    """That were compared."""
    differences: list[Difference]
    difference_count: int
    """Of all; the first hundred are listed."""

    @property
    def is_as_expected(self) -> bool:
        """Whether nothing differs."""
        return not self.difference_count


REAL_TIME = Tempo()
VIRTUAL_TIME = Tempo(virtual=True)


async def play(planned: PlannedScenario, stage: Stage, tempo: Tempo = REAL_TIME) -> Outcome:
    """Plays it to its end. Raises what the stage raises when the service does not answer."""
    start = planned.scenario.start or _VIRTUAL_START
    start_ms = round(start.timestamp() * 1000)
    clock = asyncio.get_running_loop().time
    began = clock()
    events = rows = count = 0
    differences: list[Difference] = []
    for moment in planned.moments:
        if not tempo.virtual:
            await asyncio.sleep(began + moment.at_ms / 1000 / tempo.speed - clock())
        ts_ms = start_ms + moment.at_ms if tempo.virtual else None
        if moment.fault is not None:
            await _make(planned, stage, moment.step, moment.fault)
        found = [*await _feed(planned, stage, moment, ts_ms), *await _compare(planned, stage, moment)]
        events += len(moment.events)
        rows += len(moment.expected)
        count += len(found)
        differences += found[: _MOST_DIFFERENCES - len(differences)]
    return Outcome(planned.name, events, rows, differences, count)


async def _make(planned: PlannedScenario, stage: Stage, step: int, fault: Fault) -> None:
    """Makes a fault. Raises RequestFailed, with the line of the step, when the service refuses it."""
    try:
        await stage.make_fault(fault)
    except RequestFailed as error:
        raise RequestFailed(f"{planned.name}, line {planned.line_of(step)}: {error}", error.status) from error


async def _feed(planned: PlannedScenario, stage: Stage, moment: Moment, ts_ms: int | None) -> list[Difference]:
    """What of the outcome of some events differs."""
    found: list[Difference] = []
    for body in moment.bodies(ts_ms):
        answer = await stage.feed(body)
        actual = list(_outcomes(answer))
        if set(actual) != {moment.outcome}:
            shown = ", ".join(f"{actual.count(one)} {one}" for one in dict.fromkeys(actual))
            why = f": {answer.rejected[0].message}" if answer.rejected else ""
            found.append(Difference(planned.line_of(moment.step), "events", "outcome", moment.outcome, shown + why))
    return found


def _outcomes(answer: EventsAnswer) -> Iterator[str]:
    yield from ["accepted"] * answer.accepted
    yield from ["duplicate"] * answer.duplicates
    yield from (one.code for one in answer.rejected)


async def _compare(planned: PlannedScenario, stage: Stage, moment: Moment) -> list[Difference]:
    found: list[Difference] = []
    for index, expected in enumerate(moment.expected):
        row = await stage.row(expected.user, expected.ticker, expected.subaccount)
        found += compare(expected, row, planned.line_of(moment.step, index))
    return found
