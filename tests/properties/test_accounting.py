"""What must always hold, over random histories (accounting, "What must always hold")."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from openpositions.core.book import Batch
from openpositions.core.draft import Change
from openpositions.core.events import Adjustment, Entry, Fill, Mark, Settlement, row_key_of
from openpositions.core.identity import identity_of
from openpositions.core.market import Market
from openpositions.core.outcomes import Refusal, Verdict
from openpositions.core.position import Position
from openpositions.core.recount import recount
from tests.histories import histories, marks
from tests.journaled_book import JournaledBook, encoded

History = list[Sequence[Batch]]


def lived(history: History) -> tuple[JournaledBook, list[Change]]:
    """The book after a history, and every change on the way."""
    journaled = JournaledBook()
    changes = [change for commit in history for change in journaled.commit(*commit)[0].changes]
    return journaled, changes


def figures(row: Position) -> Position:
    """A row without when it changed."""
    return row._replace(sequence=0, ts_ms=0)


@given(histories)
def test_cost_lies_between_nothing_and_a_dollar_a_contract(history: History) -> None:
    """Invariant 1, after every change: and cost and fee cost are 0 when flat, cost only then."""
    for _, row, _ in lived(history)[1]:
        assert 0 <= row.cost <= abs(row.position) * 10_000
        assert (row.cost == 0) == (row.position == 0)
        assert row.position != 0 or row.fee_cost == 0


def money(change: Change, market: Market) -> tuple[int, int]:
    """Micros that a fill or a settlement brought and took, fees aside, counted from contracts alone."""
    before, _, cause = change
    paid = received = 0
    held, cost = before.position, before.cost
    if isinstance(cause, Fill):
        paid = cause.count_centi * (cause.yes_price_bp if cause.acquires_yes else 10_000 - cause.yes_price_bp)
        held += cause.count_centi if cause.acquires_yes else -cause.count_centi
        pairs = (abs(before.position) + cause.count_centi - abs(held)) // 2
        received = pairs * 10_000
        cost = paid
    if isinstance(cause, Settlement) or (market.settled_sequence or change.sequence) < change.sequence:
        if market.value_bp is None:
            received += cost
        else:
            received += held * market.value_bp if held > 0 else -held * (10_000 - market.value_bp)
    return received, paid


@given(histories)
def test_realized_less_cost_is_received_less_paid_at_every_step(history: History) -> None:
    """Invariant 2: money comes from nowhere but fills, settlements and what adjustments state."""
    journaled, changes = lived(history)
    for change in changes:
        before, after, cause = change
        gained = (after.realized_pnl - after.cost) - (before.realized_pnl - before.cost)
        if isinstance(cause, Adjustment):
            assert gained == cause.realized_pnl_micros - cause.cost_micros
        elif isinstance(cause, Fill | Settlement):
            received, paid = money(change, journaled.book.market(after.market_ticker))
            assert gained == received - paid
            assert after.received - before.received == received


def standing(journaled: JournaledBook, row: Position) -> Iterator[Entry]:
    """The adjustments of a row, and the fills that were not busted."""
    for entry in journaled.entries:
        if row_key_of(entry.event) == row.key and entry.sequence not in journaled.book.busted:
            yield entry


@given(histories)
def test_total_traded_is_cost_plus_received_less_realized(history: History) -> None:
    """Invariant 3, busts included: and it is what the fills that stand paid."""
    journaled, _ = lived(history)
    for row in journaled.book.rows():
        events = [entry.event for entry in standing(journaled, row)]
        adjustments = [event for event in events if isinstance(event, Adjustment)]
        cost = row.cost - sum(adjustment.cost_micros for adjustment in adjustments)
        realized = row.realized_pnl - sum(adjustment.realized_pnl_micros for adjustment in adjustments)
        traded = sum(
            fill.count_centi * (fill.yes_price_bp if fill.acquires_yes else 10_000 - fill.yes_price_bp)
            for fill in events
            if isinstance(fill, Fill)
        )
        assert row.total_traded == traded == cost + row.received - realized


@given(histories, st.integers(1, 5))
def test_replay_of_the_journal_gives_the_live_book(history: History, pieces: int) -> None:
    """Invariant 4, byte for byte, in any number of pieces."""
    journaled, _ = lived(history)

    assert encoded(journaled.replayed(pieces=pieces)) == encoded(journaled.book)


@given(st.lists(st.lists(marks, max_size=4), max_size=8))
def test_replay_of_marks_gives_the_live_marks(commits: list[list[Mark]]) -> None:
    """Invariant 4, where many marks of the same moments meet in a commit, of which the journal keeps one a market."""
    journaled = JournaledBook()
    for commit in commits:
        journaled.feed(*commit)

    assert encoded(journaled.replayed()) == encoded(journaled.book)


@given(histories)
def test_every_row_can_be_counted_again_from_its_entries(history: History) -> None:
    """Fills that stand, adjustments and the market's settlement are all that a row is made of."""
    journaled, _ = lived(history)

    for row in journaled.book.rows():
        again = recount(row.key, standing(journaled, row), journaled.book.market(row.market_ticker))
        assert figures(again) == figures(row)


@given(histories)
def test_duplicates_change_nothing(history: History) -> None:
    """Invariant 4: whatever has an identity, and every settlement, may be fed again at any time."""
    journaled, _ = lived(history)
    before = encoded(journaled.book)
    events = [entry.event for entry in journaled.entries]
    repeats = [event for event in events if isinstance(event, Settlement) or identity_of(event) is not None]

    assert journaled.feed(*repeats) == [Verdict.DUPLICATE] * len(repeats)
    assert encoded(journaled.book) == before


@given(histories)
def test_refused_and_withdrawn_events_change_nothing(history: History) -> None:
    """A book that is fed the accepted events alone is the same book."""
    journaled = JournaledBook()
    purged = JournaledBook()
    for commit in history:
        _, outcomes = journaled.commit(*commit)
        events = [
            event
            for batch, batch_outcomes in zip(commit, outcomes, strict=True)
            for event, outcome in zip(batch.events, batch_outcomes, strict=True)
            if outcome is Verdict.ACCEPTED
        ]
        assert not any(isinstance(outcome, Refusal) for outcome in purged.feed(*events))

    assert encoded(purged.book) == encoded(journaled.book)


@given(histories)
def test_holders_are_the_rows_that_are_not_flat(history: History) -> None:
    """The index by market that settlements use."""
    journaled, _ = lived(history)

    for ticker in ("RAIN", "SNOW"):
        open_rows = [row.key for row in journaled.book.rows() if row.market_ticker == ticker and row.position]
        assert sorted(journaled.book.holders(ticker)) == sorted(open_rows)


@given(histories, st.integers(0, 100))
def test_resume_gets_exactly_the_rows_changed_since(history: History, sequence: int) -> None:
    """In order of their last change."""
    journaled, _ = lived(history)

    changed = journaled.book.rows_changed_since("alice", sequence)

    assert sorted(changed) == sorted(row for row in journaled.book.rows_of("alice") if row.sequence >= sequence)
    assert [row.sequence for row in changed] == sorted(row.sequence for row in changed)
