"""Entries of one user put in order again, and their profit and loss, over random histories."""

from collections.abc import Sequence

from hypothesis import given

from openpositions.core.book import Batch, Book
from openpositions.core.events import Mark
from openpositions.core.pnl import ProfitAndLoss, move
from openpositions.core.position import Position, RowKey
from openpositions.core.timeline import Timeline
from tests.histories import histories
from tests.journaled_book import JournaledBook
from tests.past import history_of
from tests.totals import totals

History = list[Sequence[Batch]]


@given(histories)
def test_replay_of_a_timeline_makes_the_rows_that_the_book_had(history: History) -> None:
    """After each of its entries, to the last field, although it holds the entries of one user only."""
    journaled = JournaledBook()
    rows: dict[RowKey, Position] = {}
    rows_at: dict[int, dict[RowKey, Position]] = {}
    for commit in history:
        for change in journaled.commit(*commit)[0].changes:
            if change.after.user_id == "alice":
                rows = rows | {change.after.key: change.after}
                rows_at[change.sequence] = rows
    markets = [journaled.book.market(ticker) for ticker in {key[2] for key in rows}]
    timeline = Timeline(markets, rows.__contains__)

    replayed = Book()
    seen = set()
    for entry in [*timeline.take(history_of(journaled, rows)), *timeline.finish()]:
        replayed.replay([entry])
        if entry.sequence in rows_at:
            assert {row.key: row for row in replayed.rows()} == rows_at[entry.sequence]
            seen.add(entry.sequence)

    assert seen == rows_at.keys()


@given(histories)
def test_profit_and_loss_is_what_the_totals_of_the_rows_are(history: History) -> None:
    """Kept up change by change and mark by mark; unknown where a market has no mark."""
    journaled = JournaledBook()
    pnl = ProfitAndLoss()
    for commit in history:
        for batch in commit:
            for event in batch.events:
                draft, _ = journaled.commit(Batch([event]))
                for change in draft.changes:
                    if change.after.user_id == "alice":
                        pnl.move(change.after.market_ticker, move(change.before, change.after))
                for market_change in draft.market_changes:
                    if isinstance(event, Mark):
                        pnl.mark(market_change.after.market_ticker, market_change.after.mark_bp)

    point, expected = pnl.point(0), totals(journaled.book.rows_of("alice"), journaled.book.market)

    assert (point.realized_pnl, point.fees_paid, point.exposure) == expected[:1] + expected[2:4]
    assert (point.open_markets, point.unmarked_markets) == (expected.open_markets, len(expected.unmarked_markets))
    assert point.unrealized_pnl == (None if expected.unmarked_markets else expected.unrealized_pnl)
    assert point.total_pnl == (None if expected.unmarked_markets else expected.realized_pnl + expected.unrealized_pnl)
