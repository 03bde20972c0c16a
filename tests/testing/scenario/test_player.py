"""Playing: what waits, what is stamped, what is told of differences."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from openpositions.testing.scenario import VIRTUAL_TIME, Difference, Row, Tempo, parse, play
from openpositions.wire.ingest.bodies import EventsAnswer, Rejection
from openpositions.wire.sandbox.faults import DelayFrames, Fault, Pause
from tests.testing.scenario.scenarios import FILL, scenario

ROW = Row(
    position="10.00",
    cost="4.0000",
    realized_pnl="0.0000",
    fees_paid="0.0000",
    fee_cost="0.0000",
    volume="10.00",
    total_traded="4.0000",
    market_value=None,
    unrealized_pnl="1.5000",
)


class Rehearsal:
    """A stage that answers what it is told to, and remembers what it was sent."""

    def __init__(self, row: Row | None = ROW, answers: Mapping[int, EventsAnswer] | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.times: list[float] = []
        self._row = row
        self._answers = answers or {}

    async def feed(self, body: bytes) -> EventsAnswer:
        """Takes everything, but for the bodies that it has another answer to."""
        events = [json.loads(line)["msg"] for line in body.splitlines()]
        answer = self._answers.get(len(self.times), EventsAnswer(len(events), 0, [], 1))
        self.sent += events
        self.times.append(asyncio.get_running_loop().time())
        return answer

    async def make_fault(self, fault: Fault) -> None:
        """Remembers it among what was sent."""
        self.sent.append({"fault": fault})

    async def row(self, user_id: str, market_ticker: str, subaccount: int) -> Row | None:
        """The same for everybody."""
        del user_id, market_ticker, subaccount
        return self._row


async def test_virtual_time_waits_for_nothing_and_stamps_the_times_of_the_file() -> None:
    """From the start that the file states; a week passes at once."""
    text = f"scenario: a\nstart: 2026-03-01T00:00:00Z\nsteps: [{{{FILL}}}, {{at_ms: 604800000, {FILL}}}]"
    stage = Rehearsal()
    began = time.monotonic()

    await play(parse(text), stage, VIRTUAL_TIME)

    assert time.monotonic() - began < 10
    assert [event["ts_ms"] for event in stage.sent] == [1_772_323_200_000, 1_772_323_200_000 + 604_800_000]


async def test_real_time_waits_and_leaves_the_stamp_to_the_service() -> None:
    """At ten times the speed, a second takes a tenth."""
    stage = Rehearsal()
    began = asyncio.get_running_loop().time()

    await play(scenario("{at_ms: 1000, " + FILL + "}", "{at_ms: 3000, " + FILL + "}"), stage, Tempo(speed=10))

    assert [at - began > due for at, due in zip(stage.times, (0.09, 0.29), strict=True)] == [True, True]
    assert stage.times[1] - began < 2
    assert "ts_ms" not in stage.sent[0]


async def test_row_as_expected_makes_no_difference() -> None:
    """However its numbers are written."""
    outcome = await play(scenario("expect: [{user: a, ticker: A-1, position: 10, cost: 4.000000}]"), Rehearsal())

    assert outcome.is_as_expected
    assert (outcome.events, outcome.rows, outcome.differences) == (0, 1, [])


async def test_every_number_that_differs_is_told() -> None:
    """With the line that expects the row, in the form of the frames."""
    planned = scenario(
        "expect:\n    - {user: a, ticker: A-1, subaccount: 2, position: -1, cost: 4, fee_cost: 0.000005}"
    )

    outcome = await play(planned, Rehearsal())

    assert outcome.differences == [
        Difference(4, "a A-1 #2", "position", "-1.00", "10.00"),
        Difference(4, "a A-1 #2", "fee_cost", "0.000005", "0.0000"),
    ]


async def test_unknown_value_is_no_number() -> None:
    """And none is expected of it but that it is unknown."""
    planned = scenario(
        "expect: [{user: a, ticker: A-1, market_value: unknown, unrealized_pnl: 1.5}]",
        "expect: [{user: a, ticker: A-1, market_value: 0, unrealized_pnl: unknown}]",
    )

    outcome = await play(planned, Rehearsal())

    assert outcome.differences == [
        Difference(4, "a A-1", "market_value", "0.0000", "unknown"),
        Difference(4, "a A-1", "unrealized_pnl", "unknown", "1.5000"),
    ]


async def test_row_that_is_not_there_is_a_difference_even_from_zeros() -> None:
    """Or a misspelt ticker would pass."""
    outcome = await play(scenario("expect: [{user: a, ticker: A-1, position: 0}]"), Rehearsal(row=None))

    assert outcome.differences == [Difference(3, "a A-1", "row", "a row", "none")]


@pytest.mark.parametrize(
    ("outcome", "answer", "differences"),
    [
        pytest.param("accepted", EventsAnswer(1, 0, [], 1), [], id="accepted"),
        pytest.param("duplicate", EventsAnswer(0, 1, [], 1), [], id="duplicate"),
        pytest.param("conflict", EventsAnswer(0, 0, [Rejection(1, "conflict", "no")], 1), [], id="refused"),
        pytest.param(
            "accepted",
            EventsAnswer(0, 0, [Rejection(1, "conflict", "the price differs")], 1),
            [Difference(3, "events", "outcome", "accepted", "1 conflict: the price differs")],
            id="unexpectedly refused",
        ),
        pytest.param(
            "duplicate",
            EventsAnswer(1, 0, [], 1),
            [Difference(3, "events", "outcome", "duplicate", "1 accepted")],
            id="unexpectedly accepted",
        ),
    ],
)
async def test_outcome_of_events_is_compared(outcome: str, answer: EventsAnswer, differences: list[Difference]) -> None:
    """With the reason where the service gave one."""
    stage = Rehearsal(answers={0: answer})

    assert (await play(scenario(f"{{outcome: {outcome}, {FILL}}}"), stage)).differences == differences


async def test_of_many_differences_the_first_hundred_are_listed() -> None:
    """And all are counted."""
    planned = scenario(*["expect: [{user: a, ticker: A-1, position: 1}]"] * 101)

    outcome = await play(planned, Rehearsal())

    assert (len(outcome.differences), outcome.difference_count) == (100, 101)


async def test_faults_are_made_in_their_place() -> None:
    """Each as often as it is said, between the events around it."""
    stage = Rehearsal()

    await play(
        scenario(FILL, "{times: 2, fault: {fault: delay_frames, ms: 5}}", FILL, "fault: {fault: pause}"),
        stage,
        VIRTUAL_TIME,
    )

    assert [one.get("fault") for one in stage.sent] == [None, DelayFrames(ms=5), DelayFrames(ms=5), None, Pause()]
