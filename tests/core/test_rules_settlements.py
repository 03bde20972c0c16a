"""What a settlement does (accounting, "Settlement")."""

import pytest

from openpositions.core.book import Batch
from openpositions.core.events import Settlement
from openpositions.core.outcomes import Verdict
from tests.events import bought_no, bought_yes, busted, settled
from tests.journaled_book import book_after, refusal_of


@pytest.mark.parametrize(
    ("result", "value", "realized_pnl", "received"),
    [
        ("yes", None, 6_000000, 10_000000),
        ("no", None, -4_000000, 0),
        ("scalar", 2500, -1_500000, 2_500000),
        ("void", None, 0, 4_000000),
    ],
)
def test_yes_position_is_paid_the_value(result: str, value: int | None, realized_pnl: int, received: int) -> None:
    """10 YES that cost 4.00 are paid 1, 0 or the scalar value each; void pays the cost back."""
    row = book_after(bought_yes("t1", 10_00, 4000), settled(result, value)).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (0, 0, realized_pnl, received)


@pytest.mark.parametrize(
    ("result", "value", "realized_pnl", "received"),
    [
        ("yes", None, -3_500000, 0),
        ("no", None, 6_500000, 10_000000),
        ("scalar", 2500, 4_000000, 7_500000),
        ("void", None, 0, 3_500000),
    ],
)
def test_no_position_is_paid_one_dollar_less_the_value(
    result: str, value: int | None, realized_pnl: int, received: int
) -> None:
    """10 NO that cost 3.50 are paid what the YES holder is not."""
    row = book_after(bought_no("t1", 10_00, 3500), settled(result, value)).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (0, 0, realized_pnl, received)


def test_scalar_payout_is_exact() -> None:
    """0.07 contracts at a value of 0.1234 are paid 0.008638 dollars: nothing is rounded."""
    row = book_after(bought_yes("t1", 7, 1000), settled("scalar", 1234)).row()

    assert row.received == 8638


def test_settlement_adds_to_what_was_realized_before() -> None:
    """A closing that realized 1.00 and a settlement that realizes 3.60 are 4.60."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 4_00, 3500), settled("yes")).row()

    assert (row.realized_pnl, row.received, row.payout) == (4_600000, 10_000000, 6_000000)


def test_fees_volumes_and_total_traded_stay() -> None:
    """A settlement is no trade and costs no fee; the fees of what is held no longer are."""
    row = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), settled("yes")).row()

    assert (row.fees_paid, row.fee_cost) == (170_000, 0)
    assert (row.yes_volume, row.no_volume, row.total_traded) == (10_00, 0, 4_000000)


def test_all_holders_change_at_the_same_sequence() -> None:
    """Three holders, one event."""
    journaled = book_after(
        bought_yes("t1", user="alice"), bought_no("t1", user="bob"), bought_yes("t2", subaccount=3), settled("yes")
    )

    rows = [journaled.row("alice"), journaled.row("bob"), journaled.row("alice", 3)]
    assert [(row.position, row.sequence) for row in rows] == [(0, 4), (0, 4), (0, 4)]


def test_only_holders_of_the_market_change() -> None:
    """Neither who is flat in it nor who holds another market."""
    journaled = book_after(
        bought_yes("t1", user="flat"),
        bought_no("t2", user="flat"),
        bought_yes("t3", user="elsewhere", ticker="SNOW"),
        settled("yes"),
    )

    assert journaled.row("flat").sequence == 2
    assert journaled.row("elsewhere", ticker="SNOW").position == 10_00


def test_fills_of_the_same_batch_before_the_settlement_are_settled() -> None:
    """Who opened, closed or reopened within the batch is settled as at that point of it."""
    journaled = book_after(bought_yes("t1", user="alice"), bought_yes("t1", user="bob"))

    journaled.feed(bought_no("t2", user="bob"), bought_yes("t2", user="carol"), settled("yes"))

    assert [journaled.row(user).position for user in ("alice", "bob", "carol")] == [0, 0, 0]
    assert [journaled.row(user).sequence for user in ("alice", "bob", "carol")] == [5, 3, 5]


def test_each_holder_changes_once() -> None:
    """Also who held before the batch and traded in it."""
    journaled = book_after(bought_yes("t1", user="alice"), bought_yes("t1", user="bob"))

    draft, _ = journaled.commit(Batch([bought_yes("t2", user="bob"), bought_yes("t3", user="carol"), settled("yes")]))

    of_the_settlement = [change for change in draft.changes if isinstance(change.cause, Settlement)]
    assert sorted(change.before.user_id for change in of_the_settlement) == ["alice", "bob", "carol"]
    assert [change.before.position for change in of_the_settlement if change.before.user_id == "bob"] == [20_00]


def test_market_without_holders_can_be_settled() -> None:
    """Its value is remembered for fills that arrive late."""
    journaled = book_after(settled("yes", ts_ms=7))

    market = journaled.book.market("RAIN")
    assert (market.result, market.value_bp, market.settled_ts_ms, market.settled_sequence) == ("yes", 10_000, 7, 1)


def test_late_fill_is_applied_and_settled_in_one_change() -> None:
    """10 YES at 0.40 that arrive after the market settled yes realize 6.00 at once, fee and volume counted."""
    journaled = book_after(settled("yes"))

    draft, _ = journaled.commit(Batch([bought_yes("late", 10_00, 4000, fee=50)]))

    (change,) = draft.changes
    row = change.after
    assert (row.position, row.cost, row.fee_cost, row.realized_pnl) == (0, 0, 0, 6_000000)
    assert (row.fees_paid, row.yes_volume, row.total_traded, row.received) == (50, 10_00, 4_000000, 10_000000)


def test_late_fill_of_a_void_market_is_paid_its_cost() -> None:
    """It realizes nothing and leaves nothing."""
    row = book_after(settled("void"), bought_no("late", 10_00, 3500)).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (0, 0, 0, 3_500000)


def test_late_fill_adds_to_the_settled_row() -> None:
    """A holder already settled gets the late fill's result on top."""
    row = book_after(bought_yes("t1", 10_00, 4000), settled("no"), bought_no("late", 10_00, 7000)).row()

    assert (row.realized_pnl, row.volume, row.sequence) == (-4_000000 + 3_000000, 20_00, 3)


def test_payouts_add_up_over_the_settlement_and_late_fills() -> None:
    """10 YES are paid 10.00, 3 late ones 3.00."""
    row = book_after(bought_yes("t1", 10_00), settled("yes"), bought_yes("late", 3_00)).row()

    assert (row.payout, row.received) == (13_000000, 13_000000)


def test_time_of_a_settled_row_never_goes_back() -> None:
    """A settlement dated before the last fill leaves that fill's time; a late fill leaves the settlement's."""
    journaled = book_after(bought_yes("t1", ts_ms=20), settled("yes", ts_ms=10))
    assert journaled.row().ts_ms == 20

    journaled = book_after(bought_yes("t1", ts_ms=20), settled("yes", ts_ms=30), bought_yes("late", ts_ms=25))
    assert journaled.row().ts_ms == 30


@pytest.mark.parametrize(
    "repeat", [settled("yes"), settled("yes", ts_ms=99), settled("scalar", 10_000), settled("as determined")]
)
def test_second_settlement_with_the_same_value_is_a_duplicate(repeat: Settlement) -> None:
    """Whatever its time, and also where the value is spelled another way."""
    journaled = book_after(bought_yes("t1"), settled("yes"))
    before = journaled.row()

    assert journaled.feed(repeat) == [Verdict.DUPLICATE]
    assert (journaled.row(), journaled.book.sequence) == (before, 2)


def test_second_settlement_with_another_value_is_refused_with_both_values() -> None:
    """The recorded value stands."""
    journaled = book_after(bought_yes("t1"), settled("yes"))

    refusal = refusal_of(journaled.feed(settled("scalar", 2500)))

    assert refusal == ("conflict", "market RAIN is settled at yes (1.0000), this settlement says scalar (0.2500)")
    assert journaled.row().realized_pnl == 6_000000


def test_void_and_a_value_are_different_settlements() -> None:
    """Either way round."""
    assert refusal_of(book_after(settled("void")).feed(settled("no"))).message == (
        "market RAIN is settled at void, this settlement says no (0.0000)"
    )
    assert refusal_of(book_after(settled("no")).feed(settled("void"))).message == (
        "market RAIN is settled at no (0.0000), this settlement says void"
    )


def test_settled_market_can_hold_nobody() -> None:
    """A bust after the settlement does not reopen a position either."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500), settled("yes"), busted("b1", "t2")
    )

    assert list(journaled.book.holders("RAIN")) == []
    assert journaled.row().realized_pnl == 6_000000
