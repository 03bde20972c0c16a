"""The marks of markets over time, one in so many milliseconds of each."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Entry, Mark
from openpositions.core.identity import text_key
from openpositions.journal.base import MarkRange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openpositions.engine.unsaved import Unsaved
    from openpositions.journal.base import CheckpointStore, Journal


class MarkSpan(NamedTuple):
    """Which marks are wanted."""

    tickers: frozenset[str]
    since_ms: int
    """Of this time or later."""
    until_ms: int
    """Before this one."""
    every_ms: int
    """Of those of a market between two multiples of this, only the last."""
    through: int
    """Only entries up to this sequence."""


class Marks:
    """Finds marks, in the checkpoint and in what came after it, which the caller captured before."""

    def __init__(self, journal: Journal, checkpoints: CheckpointStore, unsaved: Iterable[Unsaved]) -> None:
        self._journal = journal
        self._checkpoints = checkpoints
        self._unsaved = list(unsaved)

    async def within(self, span: MarkSpan) -> list[Mark]:
        """The marks of a span, in order of time."""
        found = await self._read(await self._checkpoints.marks_in(_range_of(span)), span)
        by_place = {(mark.market_ticker, mark.ts_ms // span.every_ms): mark for mark in found}
        for unsaved in self._unsaved:
            for ticker in span.tickers:
                marks = unsaved.marks_of(ticker)
                for place in range(_first_from(marks, span.since_ms), _first_from(marks, span.until_ms)):
                    sequence, mark = marks[place]
                    if isinstance(mark, Mark) and sequence <= span.through:
                        by_place[ticker, mark.ts_ms // span.every_ms] = mark
        return sorted(by_place.values(), key=lambda mark: (mark.ts_ms // span.every_ms, mark.market_ticker))

    async def before(self, span: MarkSpan) -> list[Mark]:
        """The last mark of each market before the span."""
        found = await self._read(await self._checkpoints.last_marks(_range_of(span)), span)
        last = {mark.market_ticker: mark for mark in found}
        for unsaved in self._unsaved:
            for ticker in span.tickers:
                marks = unsaved.marks_of(ticker)
                for sequence, mark in reversed(marks[: _first_from(marks, span.since_ms)]):
                    if isinstance(mark, Mark) and sequence <= span.through:
                        last[ticker] = mark
                        break
        return list(last.values())

    async def _read(self, sequences: list[int], span: MarkSpan) -> list[Mark]:
        """The marks at these sequences. Indexes go by hashes: what they found is compared here."""
        events = [entry.event for entry in await self._journal.read(sequences)]
        return [event for event in events if isinstance(event, Mark) and event.market_ticker in span.tickers]


def _range_of(span: MarkSpan) -> MarkRange:
    return MarkRange(tuple(map(text_key, sorted(span.tickers))), *span[1:])


def _first_from(marks: list[Entry], ts_ms: int) -> int:
    """Where the marks of a time or later begin."""
    return bisect_left(marks, ts_ms, key=lambda entry: entry.event.ts_ms)
