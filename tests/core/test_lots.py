"""Lots in cases that can be followed by hand (accounting, "Position", "Settlement", "Other events")."""

import pytest

from openpositions.core.events import Event
from openpositions.core.lots import ADJUSTED, CLOSED, SETTLED, Disposal, DisposalCause, Lot, RowLots
from tests.events import adjusted, bought_no, bought_yes, busted, settled
from tests.journaled_book import book_after
from tests.past import ALICE, history_of


def lots_after(*events: Event) -> tuple[list[Disposal], list[Lot]]:
    """What alice disposed of, and what she still holds."""
    journaled = book_after(*events)
    lots = RowLots(ALICE, journaled.book.market("RAIN"))
    disposals = [
        disposal for item in history_of(journaled, [ALICE]) if not item.bust for disposal in lots.take(item.entry)
    ]
    return disposals + lots.settle(), list(lots.open)


def yes_lot(lot_id: str, ts_ms: int, count: int, basis: int, fees: int = 0) -> Lot:
    """YES contracts."""
    return Lot(lot_id, ts_ms, True, count, basis, fees)  # noqa: FBT003 - a field of the lot


def no_lot(lot_id: str, ts_ms: int, count: int, basis: int, fees: int = 0) -> Lot:
    """NO contracts."""
    return Lot(lot_id, ts_ms, False, count, basis, fees)  # noqa: FBT003 - as above


def test_close_disposes_of_the_longest_held_first() -> None:
    """Buying 12 NO at 0.30 sells 10 of the first lot and 2 of the second at 0.70; fees go with the contracts."""
    disposals, held = lots_after(
        bought_yes("t1", 10_00, 4000, fee=1_000, ts_ms=1),
        bought_yes("t2", 10_00, 6000, fee=500, ts_ms=2),
        bought_no("t3", 12_00, 3000, fee=120, ts_ms=3),
    )

    cause = DisposalCause(CLOSED, "t3", 3, 3)
    assert disposals == [
        Disposal(ALICE, yes_lot("t1", 1, 10_00, 4_000000, 1_000), cause, 7_000000, 100),
        Disposal(ALICE, yes_lot("t2", 2, 2_00, 1_200000, 100), cause, 1_400000, 20),
    ]
    assert [disposal.gain_micros for disposal in disposals] == [3_000000, 200_000]
    assert held == [yes_lot("t2", 2, 8_00, 4_800000, 400)]


def test_fill_that_crosses_zero_closes_and_opens() -> None:
    """The opening part keeps what its share of the fee leaves after a floor."""
    disposals, held = lots_after(bought_no("t1", 3_00, 6000, ts_ms=1), bought_yes("t2", 7_00, 5000, fee=10, ts_ms=2))

    assert disposals == [
        Disposal(ALICE, no_lot("t1", 1, 3_00, 1_800000), DisposalCause(CLOSED, "t2", 2, 2), 1_500000, 4),
    ]
    assert held == [yes_lot("t2", 2, 4_00, 2_000000, 6)]


@pytest.mark.parametrize(
    ("result", "value", "proceeds"),
    [("yes", None, [2_000000, 3_000000]), ("no", None, [0, 0]), ("scalar", 2500, [500_000, 750_000])],
)
def test_settlement_disposes_of_every_lot_at_its_value(result: str, value: int | None, proceeds: list[int]) -> None:
    """Of YES contracts at the value, at the time of the settlement."""
    disposals, held = lots_after(
        bought_yes("t1", 2_00, 4000, ts_ms=1), bought_yes("t2", 3_00, 5000, ts_ms=2), settled(result, value, ts_ms=9)
    )

    cause = DisposalCause(SETTLED, result, 9, 3)
    assert [(disposal.lot and disposal.lot.acquired_id, disposal.cause) for disposal in disposals] == [
        ("t1", cause),
        ("t2", cause),
    ]
    assert [disposal.proceeds_micros for disposal in disposals] == proceeds
    assert held == []


def test_settled_no_contracts_are_paid_the_rest_of_the_dollar() -> None:
    """At 0.25 a NO pays 0.75."""
    (disposal,), _ = lots_after(bought_no("t1", 2_00, 4000), settled("scalar", 2500))

    assert (disposal.proceeds_micros, disposal.gain_micros) == (1_500000, 700_000)


def test_void_pays_what_the_book_holds_as_cost() -> None:
    """Of 10 at 0.40 and 10 at 0.60, 10 were sold: the book's average cost is 5 dollars, the lot that is left cost 6.

    5 is what was paid back, so the lots lose 1 here, having gained 1 more than the book when 10 were sold.
    """
    disposals, _ = lots_after(
        bought_yes("t1", 10_00, 4000), bought_yes("t2", 10_00, 6000), bought_no("t3", 10_00, 5000), settled("void")
    )

    assert [(one.cause.kind, one.proceeds_micros, one.gain_micros) for one in disposals] == [
        (CLOSED, 5_000000, 1_000000),
        (SETTLED, 5_000000, -1_000000),
    ]


def test_late_fill_is_settled_when_it_arrives() -> None:
    """Acquired and disposed of at its own time; its fee is that of the acquiring."""
    disposals, held = lots_after(settled("yes", ts_ms=5), bought_yes("late", 1_00, 4000, fee=7, ts_ms=8))

    assert disposals == [
        Disposal(ALICE, yes_lot("late", 8, 1_00, 400_000, 7), DisposalCause(SETTLED, "yes", 8, 2), 1_000000, 0)
    ]
    assert held == []


def test_settlement_comes_before_the_late_fill() -> None:
    """In the order of the journal."""
    disposals, _ = lots_after(
        bought_yes("t1", 1_00, 4000, ts_ms=1), settled("no", ts_ms=5), bought_no("late", 1_00, 3000, ts_ms=8)
    )

    assert [(one.lot and one.lot.acquired_id, one.gain_micros) for one in disposals] == [
        ("t1", -400_000),
        ("late", 700_000),
    ]


def test_opening_balance_is_a_lot_at_its_stated_cost() -> None:
    """Acquired when it was stated; what does not divide stays with the rest."""
    disposals, held = lots_after(
        adjusted("a1", position=3_00, cost=1_000001, ts_ms=1), bought_no("t1", 1_00, 5000, ts_ms=2)
    )

    assert disposals == [
        Disposal(ALICE, yes_lot("a1", 1, 1_00, 333_333), DisposalCause(CLOSED, "t1", 2, 2), 500_000, 0)
    ]
    assert held == [yes_lot("a1", 1, 2_00, 666_668)]


def test_stated_profit_and_fees_are_a_line_of_their_own() -> None:
    """Of no contracts."""
    disposals, _ = lots_after(adjusted("a1", realized_pnl=-250_000, fees=30, ts_ms=4))

    assert disposals == [Disposal(ALICE, None, DisposalCause(ADJUSTED, "a1", 4, 1), -250_000, 30)]
    assert disposals[0].gain_micros == -250_000


def test_contracts_taken_away_are_disposed_of_for_the_stated_cost() -> None:
    """The first lot cost 4 dollars, the adjustment takes 5 off the cost of the row: 1 gained, which the rest lacks."""
    disposals, held = lots_after(
        bought_yes("t1", 10_00, 4000),
        bought_yes("t2", 10_00, 6000),
        adjusted("a1", position=-10_00, cost=-5_000000, fees=2),
    )

    cause = DisposalCause(ADJUSTED, "a1", 0, 3)
    assert disposals == [
        Disposal(ALICE, yes_lot("t1", 0, 10_00, 4_000000), cause, 5_000000, 0),
        Disposal(ALICE, None, cause, 0, 2),
    ]
    assert held == [yes_lot("t2", 0, 10_00, 6_000000)]


def test_adjustment_may_turn_a_position_around() -> None:
    """The cost of what was held is given up, and what is held now costs what the row says."""
    disposals, held = lots_after(bought_yes("t1", 2_00, 4000), adjusted("a1", position=-5_00, cost=700_000, ts_ms=3))

    assert [(one.proceeds_micros, one.gain_micros) for one in disposals] == [(800_000, 0)]
    assert held == [no_lot("a1", 3, 3_00, 1_500000)]


def test_change_of_the_cost_alone_is_spread_over_the_lots() -> None:
    """By contracts, exactly."""
    disposals, held = lots_after(bought_yes("t1", 1_00, 4000), bought_yes("t2", 2_00, 4000), adjusted("a1", cost=100))

    assert disposals == []
    assert [lot.basis_micros for lot in held] == [400_033, 800_067]


def test_bust_takes_the_lot_and_all_that_it_closed_out() -> None:
    """As if the fill had never been."""
    disposals, held = lots_after(bought_yes("t1", 1_00, 4000), bought_yes("t2", 1_00, 9000), busted("b1", "t1"))

    assert disposals == []
    assert held == [yes_lot("t2", 0, 1_00, 900_000)]
