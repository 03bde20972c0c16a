"""What a fill does to a position (accounting, "Position")."""

from openpositions.core.position import Position
from tests.events import bought_no, bought_yes
from tests.journaled_book import JournaledBook, book_after, refusal_of


def test_yes_position_is_positive_and_costs_its_price() -> None:
    """10 YES at 0.40 cost 4.00."""
    row = book_after(bought_yes("t1", 10_00, 4000)).row()

    assert (row.position, row.cost) == (10_00, 4_000000)


def test_no_position_is_negative_and_costs_the_price_of_a_no() -> None:
    """10 NO at 0.35, a YES price of 0.65, cost 3.50: positive like any cost."""
    row = book_after(bought_no("t1", 10_00, 3500)).row()

    assert (row.position, row.cost) == (-10_00, 3_500000)


def test_fractional_contracts_and_sub_cent_prices_cost_exactly() -> None:
    """0.07 contracts at 0.0123 dollars cost 0.000861 dollars."""
    row = book_after(bought_yes("t1", 7, 123)).row()

    assert (row.position, row.cost) == (7, 861)


def test_more_of_the_same_side_adds_to_position_and_cost() -> None:
    """10 YES at 0.40 and 5 at 0.60 are 15 for 7.00."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_yes("t2", 5_00, 6000)).row()

    assert (row.position, row.cost) == (15_00, 7_000000)


def test_buying_the_other_side_closes_at_one_dollar_a_pair() -> None:
    """10 YES bought at 0.40 and paired with 10 NO at 0.35 realize 10 - 4.00 - 3.50."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500)).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (0, 0, 2_500000, 10_000000)


def test_closing_a_no_position_realizes_as_closing_a_yes_position_does() -> None:
    """10 NO bought at 0.70 and paired with 10 YES at 0.45 lose 1.50."""
    row = book_after(bought_no("t1", 10_00, 7000), bought_yes("t2", 10_00, 4500)).row()

    assert (row.position, row.realized_pnl) == (0, -1_500000)


def test_partial_close_releases_cost_by_the_average() -> None:
    """Of 10 YES for 4.00 and 10 for 6.00, closing 4 at 0.30 releases 2.00 and realizes 4 - 1.20 - 2.00."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_yes("t2", 10_00, 6000), bought_no("t3", 4_00, 3000)).row()

    assert (row.position, row.cost, row.realized_pnl) == (16_00, 8_000000, 800_000)


def test_average_that_does_not_divide_releases_the_floor() -> None:
    """0.03 contracts that cost 100 micros: closing 0.01 releases 33, closing the next 0.01 floor(67 / 2) = 33."""
    journaled = book_after(bought_yes("t1", 2, 33), bought_yes("t2", 1, 34), bought_no("t3", 1, 5000))
    after_the_first = journaled.row().cost
    journaled.feed(bought_no("t4", 1, 5000))

    assert (after_the_first, journaled.row().cost) == (67, 34)


def test_closing_the_rest_releases_all_that_is_left() -> None:
    """The micros that floors kept back leave with the last contract."""
    row = book_after(
        bought_yes("t1", 2, 33), bought_yes("t2", 1, 34), bought_no("t3", 1, 5000), bought_no("t4", 2, 5000)
    ).row()

    assert (row.position, row.cost, row.realized_pnl) == (0, 0, 3 * 5000 - 100)


def test_crossing_zero_closes_what_is_held_and_opens_what_is_left_over() -> None:
    """15 NO at 0.35 against 10 YES at 0.40: 10 pairs realize 2.50, 5 NO open at 1.75."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 15_00, 3500)).row()

    assert (row.position, row.cost, row.realized_pnl, row.received) == (-5_00, 1_750000, 2_500000, 10_000000)


def test_crossing_zero_equals_closing_and_opening_by_two_fills() -> None:
    """One fill of 15 leaves the same position as one of 10 and one of 5."""
    at_once = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 15_00, 3500)).row()
    by_two = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 10_00, 3500), bought_no("t3", 5_00, 3500)).row()

    assert at_once._replace(sequence=3) == by_two


def test_fees_add_up_over_opening_and_closing() -> None:
    """0.17 for opening and 0.08 for closing are 0.25 paid; they touch neither cost nor realized P&L."""
    row = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), bought_no("t2", 4_00, 6000, fee=80_000)).row()

    assert (row.fees_paid, row.cost, row.realized_pnl) == (250_000, 2_400000, 0)


def test_fill_without_a_fee_costs_none() -> None:
    """A feeder that states no fee means 0."""
    assert book_after(bought_yes("t1", fee=None)).row().fees_paid == 0


def test_rebate_lowers_fees_paid() -> None:
    """A negative fee counts as it is."""
    row = book_after(bought_yes("t1", fee=-30_000)).row()

    assert (row.fees_paid, row.fee_cost) == (-30_000, -30_000)


def test_fee_cost_is_the_fees_of_the_contracts_still_held() -> None:
    """Closing 1 of 3 releases floor(100 / 3) = 33 micros; the closing fill's own fee is not of what is held."""
    row = book_after(bought_yes("t1", 3_00, fee=100), bought_no("t2", 1_00, fee=7)).row()

    assert (row.fee_cost, row.fees_paid) == (67, 107)


def test_fee_cost_of_a_flat_position_is_0() -> None:
    """Rebates too: what was held back by floors does not stay."""
    row = book_after(bought_yes("t1", 3_00, fee=-100), bought_no("t2", 1_00), bought_no("t3", 2_00, fee=50)).row()

    assert (row.position, row.fee_cost, row.fees_paid) == (0, 0, -50)


def test_fee_that_crosses_zero_is_split_by_contracts() -> None:
    """Of a fee of 100 for 15 contracts, 10 of them closing, the opening 5 keep 100 - floor(66.7) = 34."""
    row = book_after(bought_yes("t1", 10_00, fee=1000), bought_no("t2", 15_00, fee=100)).row()

    assert (row.fee_cost, row.fees_paid) == (34, 1100)


def test_rebate_that_crosses_zero_is_split_by_the_same_floor() -> None:
    """Of a rebate of 100, floor(-66.7) = -67 goes with the 10 closing contracts and -33 stays."""
    row = book_after(bought_yes("t1", 10_00), bought_no("t2", 15_00, fee=-100)).row()

    assert row.fee_cost == -33


def test_volume_counts_contracts_acquired_on_each_side() -> None:
    """Closings count like openings: 10 YES and 15 NO are 25 contracts."""
    row = book_after(bought_yes("t1", 10_00), bought_no("t2", 15_00)).row()

    assert (row.yes_volume, row.no_volume, row.volume) == (10_00, 15_00, 25_00)


def test_total_traded_counts_each_side_at_its_own_price() -> None:
    """10 YES at 0.40 and 15 NO at 0.35 are 4.00 and 5.25."""
    row = book_after(bought_yes("t1", 10_00, 4000), bought_no("t2", 15_00, 3500)).row()

    assert (row.yes_traded, row.no_traded, row.total_traded) == (4_000000, 5_250000, 9_250000)


def test_reopened_position_starts_a_fresh_cost_and_keeps_its_sums() -> None:
    """After a close that realized 2.50, 1 YES at 0.90 costs 0.90 and the rest stays."""
    row = book_after(
        bought_yes("t1", 10_00, 4000, fee=20), bought_no("t2", 10_00, 3500, fee=10), bought_yes("t3", 1_00, 9000, fee=5)
    ).row()

    assert (row.cost, row.fee_cost) == (900_000, 5)
    assert (row.realized_pnl, row.fees_paid, row.volume) == (2_500000, 35, 21_00)


def test_row_carries_the_sequence_of_its_last_change() -> None:
    """Another user's fill in between does not touch it."""
    journaled = book_after(bought_yes("t1"), bought_no("t1", user="bob"))

    assert (journaled.row("alice").sequence, journaled.row("bob").sequence) == (1, 2)


def test_time_of_a_row_never_goes_back() -> None:
    """A fill that arrives late, with an earlier time, leaves the later time."""
    row = book_after(bought_yes("t1", ts_ms=2000), bought_yes("t2", ts_ms=1000)).row()

    assert (row.ts_ms, row.sequence) == (2000, 2)


def test_users_subaccounts_and_markets_hold_positions_of_their_own() -> None:
    """The same trade id in four places makes four positions."""
    journaled = book_after(
        bought_yes("t1", 1_00),
        bought_yes("t1", 2_00, user="bob"),
        bought_yes("t1", 3_00, subaccount=1),
        bought_yes("t2", 4_00, ticker="SNOW"),
    )

    assert [(row.key, row.position) for row in journaled.book.rows()] == [
        (("alice", 0, "RAIN"), 1_00),
        (("alice", 1, "RAIN"), 3_00),
        (("alice", 0, "SNOW"), 4_00),
        (("bob", 0, "RAIN"), 2_00),
    ]


def test_user_who_never_traded_has_an_empty_row() -> None:
    """Asking is no error, and stores nothing."""
    journaled = JournaledBook()

    assert journaled.row() == Position("alice", 0, "RAIN", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert list(journaled.book.rows()) == []


def test_fill_whose_sums_would_not_fit_in_64_bits_is_refused() -> None:
    """The fee alone is too large; the refusal names what it was too large for, and the position stays."""
    journaled = book_after(bought_yes("t1"))
    before = journaled.row()

    refusal = refusal_of(journaled.feed(bought_yes("t2", fee=2**63 - 1)))

    assert refusal.code == "limit_exceeded"
    assert refusal.message == "fees_paid in RAIN of 'alice' would not fit in 64 bits"
    assert journaled.row() == before
