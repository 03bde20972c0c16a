"""Waits until something is so, and says what was seen when it never is."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import msgspec

from openpositions.errors import InvalidInput, WaitTimeout
from openpositions.testing import arguments
from openpositions.testing.arguments import amount_of, named_values, to_json
from openpositions.testing.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLL_SECONDS = 0.002

_ROWS_SHOWN = 10


class Wanted(TypedDict, total=False):
    """What a test may wait for by name (docs/testing.md)."""

    connections: int | None
    subscriptions: int | None
    sent: Mapping[str, Any] | None
    received: Mapping[str, Any] | None
    count: int | None
    row: Mapping[str, Any] | None


def check_wanted(wanted: Wanted) -> None:
    """Refuses a name that means nothing, and a count of nothing. Raises InvalidInput."""
    if wanted.get("count") is not None and wanted.get("sent") is None and wanted.get("received") is None:
        raise InvalidInput("count", "count is of messages: name those to be sent or received")
    for name in wanted:
        if name not in Wanted.__annotations__:
            allowed = ", ".join(Wanted.__annotations__)
            raise InvalidInput(name, f"{name} is nothing to wait for: name a condition, or {allowed}, or timeout")


class Condition(NamedTuple):
    """One thing to wait for."""

    wanted: str
    holds: Callable[[], bool]
    seen: Callable[[], str]


class Wait:
    """Conditions that are to hold all at once, within a time. Iterating gives a pause to make between looks."""

    def __init__(self, conditions: list[Condition], timeout_seconds: float, hint: str = "") -> None:
        self._conditions = conditions
        self._timeout_seconds = arguments.timeout_seconds(timeout_seconds)
        self._hint = hint

    def __iter__(self) -> Iterator[float]:
        """Ends when all conditions hold; raises WaitTimeout when the time is over before."""
        give_up_at = time.monotonic() + self._timeout_seconds
        while not all(condition.holds() for condition in self._conditions):
            if time.monotonic() >= give_up_at:
                raise WaitTimeout(self._report())
            yield POLL_SECONDS

    def _report(self) -> str:
        lines = [f"not within {self._timeout_seconds:g} s:{self._hint}"]
        for condition in self._conditions:
            state = "held" if condition.holds() else "did not hold"
            lines.append(f"  wanted {condition.wanted}, which {state}; seen: {condition.seen()}")
        return "\n".join(lines)


def count_is(what: str, wanted: int, count: Callable[[], int]) -> Condition:
    """There are exactly so many of something."""
    amount_of(what, wanted)
    return Condition(f"{wanted} {what}", lambda: count() == wanted, lambda: f"{count()} {what}")


def messages_are(
    direction: str, wanted: Mapping[str, Any], count: int | None, find: Callable[..., list[Any]]
) -> Condition:
    """So many messages that hold the wanted values were sent, or received; more are as good."""
    text = to_json(direction, named_values(direction, wanted)).decode()
    least = 1 if count is None else amount_of("count", count)
    verb = f"messages {direction}"

    def seen() -> str:
        every = find()
        last = f", the last one {msgspec.json.encode(every[-1]).decode()}" if every else ""
        return f"{len(find(**wanted))} of them among {len(every)} {verb}{last}"

    return Condition(f"{least} {verb} like {text}", lambda: len(find(**wanted)) >= least, seen)


def row_is(wanted: Mapping[str, Any], rows: Callable[[], list[Any]]) -> Condition:
    """There is a row with the wanted values; amounts may be given as text, int or Decimal."""
    named_values("row", wanted, Row._fields)

    def fits(row: Any) -> bool:  # noqa: ANN401 - a row with whatever fields are wanted
        return all(_same(getattr(row, name), value) for name, value in wanted.items())

    def seen() -> str:
        every = rows()
        shown = "".join(f"\n    {row}" for row in every[:_ROWS_SHOWN])
        return f"{len(every)} rows{shown}"

    text = ", ".join(f"{name} {value}" for name, value in wanted.items())
    return Condition(f"a row with {text}", lambda: any(fits(row) for row in rows()), seen)


def calls_true(condition: Callable[[], object]) -> Condition:
    """A function of the test returns something true. What it raises means "not yet"."""
    if not callable(condition) or inspect.iscoroutinefunction(condition):
        raise InvalidInput("condition", f"condition must be a function that is no coroutine, not {condition!r}")

    def look() -> str:
        try:
            return repr(condition())
        except Exception as error:  # noqa: BLE001 - as `holds`
            return repr(error)

    def holds() -> bool:
        try:
            return bool(condition())
        except Exception:  # noqa: BLE001 - what is looked at may not be there yet; if it never is, the report says so
            return False

    return Condition(_source(condition), holds, look)


def _source(condition: Callable[[], object]) -> str:
    """The line that a function starts on, which of a lambda is all of it; else its name."""
    try:
        return inspect.getsource(condition).strip().partition("\n")[0]
    except (OSError, TypeError):
        return repr(condition)


def _same(found: object, wanted: object) -> bool:
    if isinstance(found, Decimal):
        try:
            return found == Decimal(str(wanted))
        except InvalidOperation:
            return False
    return found == wanted
