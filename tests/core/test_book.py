"""Deciding and installing: batches, sequences, order of change."""

import pytest

from openpositions.core.book import Batch, Book
from openpositions.core.events import Entry, Event
from openpositions.core.outcomes import Refusal, Verdict
from openpositions.core.position import Position
from tests.events import adjusted, bought_no, bought_yes, busted, declared, determined, marked, paid_in, settled
from tests.journaled_book import JournaledBook, book_after, encoded, refusal_of


def test_deciding_changes_nothing() -> None:
    """A draft is shown to nobody until it is installed."""
    book = Book()

    book.decide([Batch([bought_yes("t1"), paid_in("c1", 5), settled("yes"), marked(5000)])])

    assert encoded(book) == encoded(Book())


def test_each_event_sees_the_ones_before_it() -> None:
    """In its batch, and in the batches before it of the same commit."""
    draft, _ = Book().decide([Batch([bought_yes("t1", 10_00), bought_no("t2", 4_00)]), Batch([bought_yes("t3", 1_00)])])

    assert [change.after.position for change in draft.changes] == [10_00, 6_00, 7_00]
    assert [change.before.position for change in draft.changes] == [0, 10_00, 6_00]


def test_change_tells_before_after_cause_and_sequence() -> None:
    """What hub and session carry."""
    fill = bought_yes("t1", fee=5, ts_ms=7)
    draft, _ = Book().decide([Batch([fill])])

    (change,) = draft.changes
    assert change.before == Position("alice", 0, "RAIN", *[0] * 12)
    assert change.after == Position(
        user_id="alice",
        subaccount=0,
        market_ticker="RAIN",
        position=10_00,
        cost=4_000000,
        realized_pnl=0,
        fees_paid=5,
        fee_cost=5,
        yes_volume=10_00,
        yes_traded=4_000000,
        no_volume=0,
        no_traded=0,
        received=0,
        sequence=1,
        ts_ms=7,
    )
    assert (change.cause, change.sequence) == (fill, 1)


def test_accepted_events_get_contiguous_sequences() -> None:
    """Duplicates and refusals take none."""
    journaled = book_after(bought_yes("t1"))

    journaled.feed(bought_yes("t1"), bought_yes("t2"), bought_yes("t1", 1), busted("b1", "t9"), settled("yes"))

    assert [entry.sequence for entry in journaled.entries] == [1, 2, 3]
    assert journaled.book.sequence == 3


def test_good_events_of_a_batch_are_taken_although_others_are_bad() -> None:
    """The outcome of each is told in order."""
    journaled = book_after(bought_yes("t1"))

    outcomes = journaled.feed(bought_yes("t1"), adjusted("a1", cost=-5_000000), bought_yes("t2"))

    assert outcomes[0] is Verdict.DUPLICATE
    assert isinstance(outcomes[1], Refusal)
    assert outcomes[2] is Verdict.ACCEPTED


def test_atomic_batch_with_a_refused_event_takes_nothing() -> None:
    """Also what came before the refused event, and its cash, its marks and its settlement."""
    journaled = book_after(bought_yes("t1"), bought_no("t1", user="bob"))
    before = encoded(journaled.book)

    outcomes = journaled.feed(
        bought_yes("t2"),
        paid_in("c1", 5),
        marked(5000),
        declared("WEATHER"),
        busted("b1", "t1"),
        settled("yes"),
        settled("no"),
        atomic=True,
    )

    assert outcomes[:-1] == [Verdict.WITHDRAWN] * 6
    assert refusal_of(outcomes).code == "conflict"
    assert encoded(journaled.book) == before
    assert len(journaled.entries) == 2


def test_withdrawn_events_can_be_fed_again() -> None:
    """Their identities were not taken."""
    journaled = JournaledBook()
    journaled.feed(bought_yes("t1"), busted("b1", "t9"), atomic=True)

    assert journaled.feed(bought_yes("t1")) == [Verdict.ACCEPTED]


def test_what_repeats_only_its_own_refused_batch_is_withdrawn_with_it() -> None:
    """`duplicate` says that the event is recorded, so it is answered only for what was recorded before the batch."""
    journaled = book_after(bought_yes("t1"), marked(5000, ts_ms=10), declared("STORM", ticker="SNOW"))

    recorded: list[Event] = [bought_yes("t1"), marked(5000, ts_ms=10), declared("STORM", ticker="SNOW")]
    new: list[Event] = [bought_yes("t2"), paid_in("c1", 5), declared("WEATHER"), marked(6000, ts_ms=20)]
    ending: list[Event] = [determined("no"), settled("yes"), determined("yes"), settled("yes")]

    outcomes = journaled.feed(*recorded, *new, *ending, *new, marked(7000, ts_ms=15), busted("b1", "t9"), atomic=True)

    assert outcomes[:3] == [Verdict.DUPLICATE] * 3
    assert outcomes[3:-1] == [Verdict.WITHDRAWN] * 13
    assert refusal_of(outcomes).code == "unknown_trade"


def test_refused_batch_tells_repeats_of_the_batch_before_it_in_its_commit() -> None:
    """That one is taken, so what it brought is recorded, in whatever form it comes again."""
    journaled = JournaledBook()

    _, outcomes = journaled.commit(
        Batch([bought_yes("t1"), settled("yes", ticker="SNOW")]),
        Batch([bought_yes("t1"), settled("yes", ticker="SNOW"), busted("b1", "t9")], atomic=True),
    )

    assert outcomes[1][:2] == [Verdict.DUPLICATE] * 2


def test_taken_atomic_batch_goes_on_where_the_batch_before_it_ended() -> None:
    """It sees that batch, and its sequences follow."""
    journaled = JournaledBook()

    journaled.commit(
        Batch([bought_yes("t1", 1_00)]), Batch([bought_yes("t1", 1_00), bought_yes("t2", 2_00)], atomic=True)
    )

    assert journaled.entries == [Entry(1, bought_yes("t1", 1_00)), Entry(2, bought_yes("t2", 2_00))]
    assert (journaled.row().position, journaled.row().sequence) == (3_00, 2)


def test_atomic_batch_of_good_events_and_duplicates_is_taken() -> None:
    """A duplicate is no reason to refuse: the same batch is always safe to send again."""
    journaled = book_after(bought_yes("t1"))

    assert journaled.feed(bought_yes("t1"), bought_yes("t2"), atomic=True) == [Verdict.DUPLICATE, Verdict.ACCEPTED]


def test_refused_atomic_batch_leaves_the_other_batches_of_its_commit() -> None:
    """Batches of other feeders, before and after it, with sequences without a gap."""
    journaled = JournaledBook()

    _, outcomes = journaled.commit(
        Batch([bought_yes("t1")]),
        Batch([bought_yes("t2"), busted("b1", "t9")], atomic=True),
        Batch([bought_yes("t3"), bought_yes("t2", 1_00)]),
    )

    assert [batch[0] for batch in outcomes] == [Verdict.ACCEPTED, Verdict.WITHDRAWN, Verdict.ACCEPTED]
    assert journaled.entries == [
        Entry(1, bought_yes("t1")),
        Entry(2, bought_yes("t3")),
        Entry(3, bought_yes("t2", 1_00)),
    ]


def test_rows_of_a_user_are_kept_in_order_of_their_last_change() -> None:
    """A changed row moves to the end."""
    journaled = book_after(
        bought_yes("t1", ticker="A"),
        bought_yes("t2", ticker="B"),
        bought_yes("t3", ticker="C"),
        bought_no("t4", ticker="A"),
    )

    assert [row.market_ticker for row in journaled.book.rows_of("alice")] == ["B", "C", "A"]


def test_order_within_a_commit_is_that_of_the_last_change_too() -> None:
    """However often a row changed in it."""
    journaled = JournaledBook()
    journaled.feed(
        bought_yes("t1", ticker="A"),
        bought_yes("t2", ticker="B"),
        bought_yes("t3", ticker="A"),
        bought_no("t4", ticker="C"),
    )

    assert [row.market_ticker for row in journaled.book.rows_of("alice")] == ["B", "A", "C"]


@pytest.mark.parametrize(
    ("sequence", "tickers"), [(0, ["C", "A", "B"]), (3, ["C", "A", "B"]), (4, ["A", "B"]), (5, ["B"]), (6, [])]
)
def test_resume_gets_the_rows_changed_at_or_after_a_sequence(sequence: int, tickers: list[str]) -> None:
    """Each once, at its latest, flat ones too, in order of their last change."""
    journaled = book_after(
        bought_yes("t1", ticker="A"),
        bought_yes("t2", ticker="B"),
        bought_yes("t3", ticker="C"),
        bought_no("t4", ticker="A"),
        bought_no("t5", 3_00, ticker="B"),
    )

    changed = journaled.book.rows_changed_since("alice", sequence)

    assert [row.market_ticker for row in changed] == tickers


def test_resume_after_a_settlement_gets_every_row_that_it_changed() -> None:
    """Rows of several subaccounts share its sequence."""
    journaled = book_after(
        bought_yes("t1"), bought_yes("t2", subaccount=1), bought_yes("t3", ticker="B"), settled("no")
    )

    changed = journaled.book.rows_changed_since("alice", 4)

    assert sorted((row.subaccount, row.position) for row in changed) == [(0, 0), (1, 0)]


def test_resume_of_an_unknown_user_gets_nothing() -> None:
    """Nobody else's rows."""
    assert book_after(bought_yes("t1")).book.rows_changed_since("bob", 0) == []


def test_holders_are_the_rows_that_are_not_flat() -> None:
    """Closed and reopened, settled and busted positions come and go."""
    journaled = book_after(
        bought_yes("t1", user="alice"),
        bought_no("t1", user="bob"),
        bought_no("t2", user="alice"),
        bought_yes("t3", user="carol"),
    )
    assert sorted(journaled.book.holders("RAIN")) == [("bob", 0, "RAIN"), ("carol", 0, "RAIN")]

    journaled.feed(bought_yes("t4", user="alice"), busted("b1", "t3"))
    assert sorted(journaled.book.holders("RAIN")) == [("alice", 0, "RAIN"), ("bob", 0, "RAIN")]

    journaled.feed(settled("yes"))
    assert list(journaled.book.holders("RAIN")) == []


def test_draft_tells_what_became_of_markets() -> None:
    """For those who follow their lifecycle: before and after, in order."""
    draft, _ = Book().decide([Batch([determined("yes", ts_ms=1), settled("yes", ts_ms=2), settled("yes", ts_ms=3)])])

    assert [(change.before.result, change.before.settled, change.after.settled) for change in draft.market_changes] == [
        (None, False, False),
        ("yes", False, True),
    ]
