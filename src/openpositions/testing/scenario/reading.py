"""Scenario files: what is wrong with one names its line, its field, its value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from openpositions.errors import InvalidInput, Misconfigured
from openpositions.testing.scenario.document import LONGEST_BYTES, Document, read_document
from openpositions.testing.scenario.document import Path as FieldPath
from openpositions.testing.scenario.field_forms import allowed_at
from openpositions.testing.scenario.forms import LONGEST_MS, MOST_EVENTS
from openpositions.testing.scenario.plan import Moment, plan
from openpositions.testing.scenario.steps import ACTIONS, Scenario, Step
from openpositions.wire.sandbox.faults import Fault

_LONGEST_SHOWN = 60

_at = re.compile(r"^(?P<problem>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL).fullmatch
_unknown = re.compile(r"Object contains unknown field `(.*)`").fullmatch
_missing = re.compile(r"Object missing required field `(.*)`").fullmatch
_steps_of_path = re.compile(r"\.([^.\[]+)|\[(\d+)\]").findall


class PlannedScenario(msgspec.Struct, frozen=True):
    """A scenario that can be played."""

    name: str
    source: str
    """The file, for messages."""
    scenario: Scenario
    moments: tuple[Moment, ...]
    document_lines: Mapping[FieldPath, int]
    """Where in the file each of its values begins."""

    def line_of(self, step: int, row: int | None = None) -> int:
        """The line of a step, or of a row that it expects."""
        return self.document_lines["steps", step] if row is None else self.document_lines["steps", step, "expect", row]

    @property
    def users(self) -> tuple[str, ...]:
        """Everybody whom it names, in order of their first appearance."""
        return tuple(dict.fromkeys(user for moment in self.moments for user in moment.users))


def load(path: str | Path) -> PlannedScenario:
    """The scenario of a YAML file.

    Raises Misconfigured when it cannot be read, and InvalidInput when it is no scenario.
    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(LONGEST_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: str | bytes, source: str = "scenario") -> PlannedScenario:
    """The scenario of a YAML text. Raises InvalidInput, whose message begins with `source` and the line."""
    try:
        document = read_document(text)
        scenario = _convert(document)
        _check_steps(document, scenario)
        return PlannedScenario(scenario.scenario, source, scenario, _planned(document, scenario), document.lines)
    except InvalidInput as error:
        raise InvalidInput("scenario", f"{source}, {error}") from None


def _convert(document: Document) -> Scenario:
    try:
        # Everything in the document is text, so a number is written in one.
        return msgspec.convert(document.content, Scenario, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(document, str(error)) from None
    except InvalidInput as error:  # the types of faults check more than msgspec can, and do not know where they are
        raise _error(document, _place_of(document, error), str(error)) from None


def _place_of(document: Document, error: InvalidInput) -> FieldPath:
    """The first fault that is refused with this error."""
    for index, step in enumerate(document.content["steps"]):
        try:
            msgspec.convert(step.get("fault"), Fault | None, strict=False)
        except InvalidInput as again:
            if str(again) == str(error):
                return "steps", index, "fault"
    raise error


def _explained(document: Document, message: str) -> InvalidInput:
    """What msgspec says about a place, in our words."""
    found = _at(message)
    problem, stated = (found["problem"], found["path"] or "") if found else (message, "")
    path: FieldPath = tuple(int(index) if index else name for name, index in _steps_of_path(stated))
    fault = _fault_at(document.content, path)
    if unknown := _unknown(problem):
        allowed = allowed_at(path)
        return _error(document, (*path, unknown[1]), f"is no field here; {allowed}")
    if missing := _missing(problem):
        return _error(document, path, f"{missing[1]} is missing: {allowed_at((*path, missing[1]), fault)}")
    value = _shown(_value_at(document.content, path))
    return _error(document, path, f"must be {allowed_at(path, fault)}, not {value}")


def _fault_at(content: Any, path: FieldPath) -> str | None:  # noqa: ANN401 - whatever the text holds
    """The name of the fault that a path leads to or into."""
    if "fault" not in path:
        return None
    stated = _value_at(content, path[: path.index("fault") + 1])
    return stated.get("fault") if isinstance(stated, dict) else None


def _check_steps(document: Document, scenario: Scenario) -> None:
    """What a single field cannot say."""
    begin_ms = end_ms = total = 0
    for index, step in enumerate(scenario.steps):
        path: FieldPath = ("steps", index)
        _check_action(document, path, step)
        if step.at_ms is not None and step.at_ms < begin_ms:
            raise _error(
                document, (*path, "at_ms"), f"must not be before the step before it, which begins at {begin_ms}"
            )
        begin_ms = end_ms if step.at_ms is None else step.at_ms
        end_ms = begin_ms + step.every_ms * (step.times - 1)
        if end_ms > LONGEST_MS:
            raise _error(document, path, f"ends at {end_ms}; a scenario ends by {LONGEST_MS}, a week")
        total += step.times * (2 if step.trade else 1)
        if total > MOST_EVENTS:
            raise _error(document, (*path, "times"), f"makes more than {MOST_EVENTS} events of the whole scenario")


def _check_action(document: Document, path: FieldPath, step: Step) -> None:
    named = [name for name in ACTIONS if getattr(step, name) is not None]
    if len(named) != 1:
        has = f"has {' and '.join(named)}" if named else "does nothing"
        raise _error(document, path, f"{has}; a step has exactly one of {', '.join(ACTIONS)}")
    if step.expect is not None and step.times > 1:
        raise _error(document, (*path, "times"), "goes with what happens; rows are expected once")
    if step.outcome != "accepted" and (step.expect or step.fault):
        raise _error(document, (*path, "outcome"), "goes with events: a fault is made, and rows are compared")
    if step.fault is not None:
        _check_fault(document, (*path, "fault"), step.fault)
    trade, settle = step.trade, step.settle
    if trade and trade.buyer == trade.seller:
        raise _error(document, (*path, "trade", "seller"), "must be another user than the buyer; write two fills")
    if settle and (settle.result == "scalar") != (settle.value is not None):
        raise _error(document, (*path, "settle"), "value is given exactly when the result is scalar")
    for row_index, row in enumerate(step.expect or ()):
        if not row.stated():
            at = (*path, "expect", row_index)
            raise _error(document, at, f"expects nothing; give some of {', '.join(row.NUMBERS)}")


def _check_fault(document: Document, path: FieldPath, fault: Fault) -> None:
    """Refuses a field that a fault has not; its type, which reads requests too, lets it pass."""
    takes = ("fault", *fault.__struct_fields__)
    for name in _value_at(document.content, path):
        if name not in takes:
            raise _error(document, (*path, name), f"is no field here; a mapping of {', '.join(takes)}")


def _planned(document: Document, scenario: Scenario) -> tuple[Moment, ...]:
    """The moments. Every event is read as the service will, so that nothing stops a play that is begun."""
    moments = plan(scenario)
    for moment in moments:
        problem = moment.problem()
        if problem:
            raise _error(document, ("steps", moment.step), problem)
    return moments


def _error(document: Document, path: FieldPath, message: str) -> InvalidInput:
    line = next(document.lines[path[:length]] for length in range(len(path), -1, -1) if path[:length] in document.lines)
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return InvalidInput("scenario", f"line {line}: {f'{field} ' if field else ''}{message}")


def _value_at(content: Any, path: FieldPath) -> Any:  # noqa: ANN401 - whatever the text holds
    for part in path:
        content = content[part]
    return content


def _shown(value: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
