"""What a bust does: rows become what they would have been without the trade (accounting, "Other events")."""

import pytest

from openpositions.core.events import Bust, Event
from openpositions.core.outcomes import Refusal, Verdict
from openpositions.core.position import Position, empty_row
from tests.events import adjusted, bought_no, bought_yes, busted, settled
from tests.journaled_book import JournaledBook, book_after, encoded, refusal_of


def figures(row: Position) -> Position:
    """A row without when it changed."""
    return row._replace(sequence=0, ts_ms=0)


def test_bust_of_a_trade_takes_it_from_both_users() -> None:
    """Both rows are as if they had never traded."""
    journaled = book_after(
        bought_yes("t1", user="alice", fee=5), bought_no("t1", user="bob", fee=7), busted("b1", "t1")
    )

    for user in ("alice", "bob"):
        assert figures(journaled.row(user)) == empty_row((user, 0, "RAIN"))


def test_bust_for_one_user_leaves_the_other() -> None:
    """Where only one side of a trade did not happen."""
    journaled = book_after(
        bought_yes("t1", user="alice"), bought_no("t1", user="bob"), busted("b1", "t1", user="alice")
    )

    assert (journaled.row("alice").position, journaled.row("bob").position) == (0, -10_00)


def test_bust_for_one_subaccount_leaves_the_users_other_one() -> None:
    """The same trade id stands in subaccount 1."""
    journaled = book_after(bought_yes("t1"), bought_yes("t1", subaccount=1), busted("b1", "t1", subaccount=0))

    assert (journaled.row().position, journaled.row(subaccount=1).position) == (0, 10_00)


@pytest.mark.parametrize(
    "others",
    [
        [],
        [bought_yes("t2", 5_00, 6000, fee=9)],
        [bought_no("t2", 4_00, 3500, fee=9), bought_yes("t3", 7_00, 8100)],
        [bought_no("t2", 25_00, 3500, fee=11), adjusted("a1", position=-1_00, cost=400_000, fees=3)],
        [bought_yes("t2", 10_00, 2000), settled("yes"), bought_no("late", 3_00, 1000, fee=2)],
        [settled("void"), adjusted("a1", realized_pnl=-5)],
    ],
    ids=["nothing", "an addition", "a close", "a flip and an adjustment", "a settlement and a late fill", "a void"],
)
def test_row_becomes_what_it_would_have_been_without_the_fill(others: list[Event]) -> None:
    """Whatever came after the busted fill: averages, splits and payouts are counted again."""
    without = book_after(bought_yes("t0", 3_00, 3300, fee=4), *others)
    journaled = book_after(bought_yes("t0", 3_00, 3300, fee=4), bought_yes("t1", 8_00, 7000, fee=13), *others)

    journaled.feed(busted("b1", "t1"))

    assert figures(journaled.row()) == figures(without.row())


def test_row_takes_the_sequence_of_the_bust_and_never_an_earlier_time() -> None:
    """A bust dated before the last fill leaves that fill's time."""
    row = book_after(bought_yes("t1", ts_ms=10), bought_yes("t2", ts_ms=30), busted("b1", "t2", ts_ms=20)).row()

    assert (row.sequence, row.ts_ms) == (3, 30)


def test_bust_sees_fills_of_its_own_batch() -> None:
    """A fill and its bust may arrive together, on a row with a history."""
    journaled = book_after(bought_yes("t1", 10_00, 4000))

    outcomes = journaled.feed(bought_yes("t2", 5_00, 9000), busted("b1", "t2"), bought_no("t3", 5_00, 3500))

    assert outcomes == [Verdict.ACCEPTED] * 3
    assert (journaled.row().position, journaled.row().cost, journaled.row().volume) == (5_00, 2_000000, 15_00)


def test_bust_of_a_recorded_fill_sees_the_other_fills_of_its_batch() -> None:
    """The row is counted from the journal and from what came just before."""
    journaled = book_after(bought_yes("t1", 10_00, 9000))

    journaled.feed(bought_yes("t2", 5_00, 4000), adjusted("a1", fees=7), busted("b1", "t1"))

    assert (journaled.row().position, journaled.row().cost, journaled.row().fees_paid) == (5_00, 2_000000, 7)


def test_bust_sees_a_settlement_of_its_own_batch() -> None:
    """Settled first, busted then: nobody is paid for a trade that did not happen."""
    journaled = book_after(bought_yes("t1", user="alice"), bought_no("t1", user="bob"))

    journaled.feed(settled("yes"), busted("b1", "t1"))

    assert (journaled.row("alice").realized_pnl, journaled.row("bob").realized_pnl) == (0, 0)


def test_bust_after_the_settlement_takes_back_the_payout() -> None:
    """What the remaining 10 YES at 0.40 were paid stays."""
    row = book_after(
        bought_yes("t1", 10_00, 4000), bought_yes("t2", 5_00, 6000), settled("yes"), busted("b1", "t2")
    ).row()

    assert (row.position, row.realized_pnl, row.received, row.payout) == (0, 6_000000, 10_000000, 10_000000)


def test_bust_of_a_closing_fill_lets_the_settlement_close_the_position() -> None:
    """Flat when the market settled, but only because of the busted trade: the settlement pays after all."""
    row = book_after(
        bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500), settled("no"), busted("b1", "t2")
    ).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (0, 0, -4_000000, 0)


def test_bust_of_a_late_fill_leaves_what_was_settled() -> None:
    """The late fill's result goes, the settlement's stays."""
    row = book_after(
        bought_yes("t1", 10_00, 4000), settled("yes"), bought_no("late", 10_00, 3500), busted("b1", "late")
    ).row()

    assert (row.realized_pnl, row.volume) == (6_000000, 10_00)


def test_two_busts_take_two_trades() -> None:
    """The second counts without the first one's fill too."""
    row = book_after(
        bought_yes("t1", 10_00, 4000),
        bought_yes("t2", 5_00, 6000),
        bought_yes("t3", 1_00, 5000),
        busted("b1", "t1"),
        busted("b2", "t3"),
    ).row()

    assert (row.position, row.cost, row.volume) == (5_00, 3_000000, 5_00)


def test_bust_of_everybody_after_one_user_takes_the_rest() -> None:
    """The side that still stands is busted; the other is not touched again."""
    journaled = book_after(
        bought_yes("t1", user="alice"),
        bought_no("t1", user="bob"),
        busted("b1", "t1", user="alice"),
        busted("b2", "t1"),
    )

    assert [(journaled.row(user).position, journaled.row(user).sequence) for user in ("alice", "bob")] == [
        (0, 3),
        (0, 4),
    ]


@pytest.mark.parametrize(
    "bust",
    [busted("b1", "t9"), busted("b1", "t1", user="bob"), busted("b1", "t1", subaccount=4), busted("b1", "a1")],
    ids=["another trade", "another user", "another subaccount", "an adjustment"],
)
def test_bust_of_an_unknown_trade_is_refused(bust: Bust) -> None:
    """Nothing is recorded under that id, for that user."""
    journaled = book_after(bought_yes("t1"), adjusted("a1"))

    refusal = refusal_of(journaled.feed(bust))

    assert refusal == ("unknown_trade", f"trade_id {bust.trade_id!r} is not recorded")


def test_second_bust_of_a_trade_under_another_id_is_refused() -> None:
    """The refusal says that it was busted before, in its own batch too."""
    outcomes = book_after(bought_yes("t1")).feed(busted("b1", "t1"), busted("b2", "t1"))

    assert refusal_of(outcomes) == ("unknown_trade", "trade_id 't1' was busted before")


def test_repeated_bust_is_a_duplicate() -> None:
    """Same id, same trade."""
    journaled = book_after(bought_yes("t1"), busted("b1", "t1"))

    assert journaled.feed(busted("b1", "t1", ts_ms=5)) == [Verdict.DUPLICATE]


def test_fill_that_fell_fed_again_is_a_duplicate() -> None:
    """Its identity holds for ever: a replayed feed does not bring the trade back."""
    journaled = book_after(bought_yes("t1"), busted("b1", "t1"))

    assert journaled.feed(bought_yes("t1")) == [Verdict.DUPLICATE]
    assert journaled.row().position == 0


def test_bust_that_an_adjustment_depends_on_is_refused() -> None:
    """The adjustment took 4 of the 10 contracts away; without the trade there are none to take."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), adjusted("a1", position=-4_00, cost=-1_600000))
    before = encoded(journaled.book)

    refusal = refusal_of(journaled.feed(busted("b1", "t1")))

    assert refusal.code == "breaks_invariant"
    assert refusal.message == "without trade 't1', in RAIN: cost would be negative (-1600000 micros)"
    assert encoded(journaled.book) == before


@pytest.mark.parametrize("late", [[], [bought_no("t2", 1_00, 5000)]], ids=["", "and a late fill"])
@pytest.mark.parametrize("result", ["yes", "void"])
def test_bust_that_an_adjustment_before_the_settlement_depends_on_is_refused(result: str, late: list[Event]) -> None:
    """Without the position its added cost would stand on a flat row, which a settlement does not make right."""
    journaled = book_after(
        bought_yes("t1", 100_00, 5000), adjusted("a1", cost=10_000_000), settled(result, ts_ms=2), *late
    )
    before = journaled.row()

    refusal = refusal_of(journaled.feed(busted("b1", "t1")))

    assert refusal == Refusal(
        "breaks_invariant",
        "without trade 't1', in RAIN: cost would be 10000000 micros for a position of 0/100 contracts",
    )
    assert journaled.row() == before


def test_bust_refused_for_one_user_changes_nobody() -> None:
    """A bust of both sides is one event."""
    journaled = book_after(
        bought_no("t1", user="bob"), bought_yes("t1", user="alice"), adjusted("a1", position=-4_00, cost=-1_600000)
    )

    refusal_of(journaled.feed(busted("b1", "t1")))

    assert journaled.row("bob").position == -10_00


def test_entry_of_a_bust_keeps_what_fell_and_the_resulting_rows() -> None:
    """So that a replay needs no second pass over the journal."""
    journaled = book_after(bought_yes("t0", 3_00), bought_yes("t1"), busted("b1", "t1"))

    bust = journaled.entries[-1].event
    assert isinstance(bust, Bust)
    assert (bust.fills, bust.rows) == ((2,), (journaled.row(),))


def test_book_remembers_which_fill_fell_to_which_bust() -> None:
    """By sequence, for the reads that leave it out."""
    journaled = book_after(bought_yes("t1", user="alice"), bought_no("t1", user="bob"), busted("b1", "t1"))

    assert journaled.book.busted == {1: 3, 2: 3}


def test_bust_in_an_empty_book_is_refused() -> None:
    """There is nothing to bust."""
    assert refusal_of(JournaledBook().feed(busted("b1", "t1"))).code == "unknown_trade"
