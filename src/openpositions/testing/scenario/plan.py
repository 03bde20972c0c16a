"""A scenario as moments in order: the event lines of each, or what is checked there (pure)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.testing.scenario.event_forms import event_messages
from openpositions.testing.scenario.steps import ExpectedRow, Scenario, Step, action_of
from openpositions.wire.ingest.events import parse_body
from openpositions.wire.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINES_A_BODY = 500

_encode = msgspec.json.Encoder().encode


class Moment(NamedTuple):
    """What is sent, or checked, at one time."""

    at_ms: int
    step: int
    """The index of its step."""
    events: tuple[dict[str, Any], ...]
    outcome: str = "accepted"
    expected: tuple[ExpectedRow, ...] = ()
    fault: Fault | None = None

    @property
    def users(self) -> tuple[str, ...]:
        """Whom it names, in order."""
        stated = (event["msg"].get("user_id") for event in self.events)
        return tuple(dict.fromkeys([*(user for user in stated if user), *(row.user for row in self.expected)]))

    def bodies(self, ts_ms: int | None) -> Iterator[bytes]:
        """The events as bodies of some hundred lines, stamped; None leaves the stamp to the service."""
        for start in range(0, len(self.events), _LINES_A_BODY):
            some = self.events[start : start + _LINES_A_BODY]
            yield b"\n".join(_line(event, ts_ms) for event in some)

    def problem(self) -> str | None:
        """Why the service could not read these events; None when it can.

        The first and the last stand for the repetitions between them: ids grow.
        """
        rejected = parse_body(b"\n".join(_line(event, 0) for event in self.events[:2] + self.events[-2:]), 0).rejected
        return rejected[0].message if rejected else None


def plan(scenario: Scenario) -> tuple[Moment, ...]:
    """The moments in order of time; those of one time in the order of the steps."""
    moments = list(chain.from_iterable(_spread(scenario)))
    return tuple(sorted(moments, key=lambda moment: moment.at_ms))


def _spread(scenario: Scenario) -> Iterator[list[Moment]]:
    now_ms = 0
    for index, step in enumerate(scenario.steps):
        begin_ms = now_ms if step.at_ms is None else step.at_ms
        made = _moments(f"{scenario.scenario}-{index + 1}", index, step, begin_ms)
        now_ms = made[-1].at_ms
        yield made


def _moments(name: str, index: int, step: Step, begin_ms: int) -> list[Moment]:
    """The moments of one step: one for repetitions that happen at once, else one for each."""
    if step.expect is not None:
        return [Moment(begin_ms, index, (), expected=step.expect)]
    if step.fault is not None:
        times_ms = range(begin_ms, begin_ms + step.times * step.every_ms, step.every_ms) if step.every_ms else []
        return [Moment(at_ms, index, (), fault=step.fault) for at_ms in times_ms or [begin_ms] * step.times]
    _, event = action_of(step)
    numbers = [""] if step.times == 1 else [f"-{number}" for number in range(1, step.times + 1)]
    repeated = [event_messages(event, name, number) for number in numbers]
    if not step.every_ms:
        return [Moment(begin_ms, index, tuple(chain.from_iterable(repeated)), step.outcome)]
    return [
        Moment(begin_ms + step.every_ms * count, index, tuple(events), step.outcome)
        for count, events in enumerate(repeated)
    ]


def _line(event: dict[str, Any], ts_ms: int | None) -> bytes:
    return _encode({"type": event["type"], "msg": event["msg"] | ({} if ts_ms is None else {"ts_ms": ts_ms})})
