"""The profit and loss of a user or a market over time, made again from the entries of rows and the marks of markets.

Time is cut into spans of one length, counted from 1970. A point stands at the end of a span in which anything changed,
and holds every row as the book had it when the row's own time, which never goes back, was before the point's; valued at
the latest marks of times before it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.book import Book
from openpositions.core.history import Moment
from openpositions.core.pnl import STILL, Move, Point, ProfitAndLoss, move
from openpositions.core.timeline import Timeline
from openpositions.engine.archive import Span
from openpositions.engine.marks import MarkSpan
from openpositions.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from openpositions.core.events import Entry, Mark
    from openpositions.core.history import HistoryEntry
    from openpositions.core.market import Market
    from openpositions.core.position import RowKey
    from openpositions.engine.archive import Archive
    from openpositions.engine.past import Past

MOST_POINTS = 10_000

# Of (span, market): some 300 bytes each, until the points are made.
MOST_MOVES = 200_000

# Marks that are read at once: some 20 ms in the journal's thread.
_MARKS_A_READ = 2_000

_POINTS_A_TURN = 500

Moves = dict[int, dict[str, Move]]
"""By span and market, how the rows moved."""


class SeriesQuery(NamedTuple):
    """What a series is of."""

    every_ms: int
    through: int
    """The head of the journal as of which it is made."""
    ticker: str | None = None
    """Of one market; None for all."""
    subaccount: int | None = None
    """None for all."""
    since_ms: int | None = None
    """Points of this time or later; None from the first change on."""
    until_ms: int | None = None
    """Points before this time; None up to the last change."""


async def series(past: Past, archive: Archive, book: Book, user_id: str, query: SeriesQuery) -> list[Point]:
    """The points of a user. Goes through the entries of the rows once, and through their marks once.

    Raises InvalidInput when there would be more than MOST_POINTS spans, or more than MOST_MOVES that anything moved in.
    """
    rows = {
        row.key: row
        for row in book.rows_of(user_id)
        if query.ticker in {None, row.market_ticker} and query.subaccount in {None, row.subaccount}
    }
    tickers = frozenset(ticker for _, _, ticker in rows)
    markets = [book.market(ticker) for ticker in tickers]
    held = {row.market_ticker for row in rows.values() if row.position}
    last_ts_ms = max((book.market(ticker).mark_ts_ms for ticker in held), default=0)
    slices = past.slices(user_id, Span(0, query.through, tickers, query.subaccount))
    return await _points_of(markets, rows.__contains__, slices, last_ts_ms, archive, query)


async def market_series(past: Past, archive: Archive, book: Book, ticker: str, query: SeriesQuery) -> list[Point]:
    """The points of a market, over the rows of all users. Reads the whole journal once. Raises as `series` does."""
    market = book.market(ticker)
    last_ts_ms = market.mark_ts_ms if any(True for _ in book.holders(ticker)) else 0
    slices = past.slices_of_market(ticker, query.through)
    return await _points_of([market], lambda key: key[2] == ticker, slices, last_ts_ms, archive, query)


async def _points_of(  # noqa: PLR0913, PLR0917 - what tells a user's series from that of a market
    markets: Sequence[Market],
    holds: Callable[[RowKey], bool],
    slices: AsyncIterator[list[HistoryEntry]],
    last_mark_ts_ms: int,
    archive: Archive,
    query: SeriesQuery,
) -> list[Point]:
    """`last_mark_ts_ms` is the time of the last mark of anything that is held."""
    moment = Moment(query.through)
    timeline = Timeline(map(moment.market, markets), holds)
    counting = _Counting(query)
    async for slice_ in slices:
        counting.take(timeline.take(slice_))
    counting.take(timeline.finish())
    moves = counting.moves
    if not moves:
        return []
    spans = _within(range(min(moves), max(last_mark_ts_ms // query.every_ms, *moves) + 1), query)
    if len(spans) > MOST_POINTS:
        raise _too_short(f"{len(spans)} points, at most {MOST_POINTS}", query.every_ms, len(spans), MOST_POINTS)
    tickers = frozenset(market.market_ticker for market in markets)
    marks = MarkSpan(tickers, 0, 0, query.every_ms, query.through)
    return await _points(spans, moves, _MarkFeed(archive, marks, spans))


def _within(spans: range, query: SeriesQuery) -> range:
    """Of the spans those whose ends are wanted."""
    start, stop = spans.start, spans.stop
    if query.since_ms is not None:
        start = max(start, _first_ending_from(query.since_ms, query.every_ms))
    if query.until_ms is not None:
        stop = min(stop, _first_ending_from(query.until_ms, query.every_ms))
    return range(start, max(start, stop))


def _first_ending_from(ts_ms: int, every_ms: int) -> int:
    """The first span that ends at this time or later."""
    return -(-ts_ms // every_ms) - 1


def _too_short(what: str, every_ms: int, found: int, most: int) -> InvalidInput:
    seconds = -(-every_ms * found // (most * 1_000))
    return InvalidInput(
        "every",
        f"every is too short: {what}; make it {seconds}s or longer, or narrow since, until or ticker",
        code="invalid_parameter",
    )


class _Counting:
    """Adds up by how much rows moved in each span of time."""

    def __init__(self, query: SeriesQuery) -> None:
        self.moves: Moves = defaultdict(dict)
        self._query = query
        self._book = Book()
        self._count = 0
        # What was before the first point is in it.
        self._first = 0 if query.since_ms is None else _first_ending_from(query.since_ms, query.every_ms)

    def take(self, entries: Iterable[Entry]) -> None:
        """Takes in the next entries of the timeline."""
        every_ms = self._query.every_ms
        for change in self._book.replay(entries).changes:
            of_span = self.moves[max(self._first, change.after.ts_ms // every_ms)]
            ticker = change.after.market_ticker
            self._count += ticker not in of_span
            of_span[ticker] = of_span.get(ticker, STILL).plus(move(change.before, change.after))
        if self._count > MOST_MOVES:
            # How many there would be is not known; twice as long a span may do.
            raise _too_short(f"markets moved in more than {MOST_MOVES} spans", every_ms, 2, 1)


class _MarkFeed:
    """The marks of some markets, span after span, read some at a time."""

    def __init__(self, archive: Archive, marks: MarkSpan, spans: range) -> None:
        self._archive = archive
        self._marks = marks
        self._spans = spans
        self._read: dict[int, list[Mark]] = {}
        self._read_until = spans.start

    @property
    def every_ms(self) -> int:
        """How long a span is."""
        return self._marks.every_ms

    async def before_all(self) -> list[Mark]:
        """The last of each market before the first span."""
        return await self._archive.marks().before(self._of(self._spans.start, self._spans.start))

    async def of(self, span: int) -> list[Mark]:
        """Of the next span, the last mark of each market that has one."""
        if span >= self._read_until:
            until = min(self._spans.stop, span + max(1, _MARKS_A_READ // len(self._marks.tickers)))
            self._read = {}
            for mark in await self._archive.marks().within(self._of(span, until)):
                self._read.setdefault(mark.ts_ms // self._marks.every_ms, []).append(mark)
            self._read_until = until
        return self._read.get(span, [])

    def _of(self, since: int, until: int) -> MarkSpan:
        every_ms = self._marks.every_ms
        return self._marks._replace(since_ms=since * every_ms, until_ms=until * every_ms)


async def _points(spans: range, moves: Mapping[int, Mapping[str, Move]], marks: _MarkFeed) -> list[Point]:
    every_ms = marks.every_ms
    pnl = ProfitAndLoss()
    points: list[Point] = []
    for mark in await marks.before_all():
        pnl.mark(mark.market_ticker, mark.yes_price_bp)
    for span in spans:
        changed = span in moves
        for ticker, by in moves.get(span, {}).items():
            pnl.move(ticker, by)
        for mark in await marks.of(span):
            changed |= pnl.mark(mark.market_ticker, mark.yes_price_bp)
        if changed:
            points.append(pnl.point((span + 1) * every_ms))
        if span % _POINTS_A_TURN == 0:
            await asyncio.sleep(0)
    return points
