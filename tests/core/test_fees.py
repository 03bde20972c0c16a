"""Fees by the venue's published rule (accounting, "Fees"), in micros. Counts are in 1/100, prices in 1/10,000."""

import pytest

from openpositions.core.fees import MAKER_RATE_BP, TAKER_RATE_BP, Charge, charge, trade_fee


@pytest.mark.parametrize(
    ("count", "price", "fee"),
    [
        (100_00, 5000, 1_750000),  # 0.07 * 100 * 0.25
        (1_00, 5000, 17500),  # 0.0175
        (1_00, 9900, 700),  # 0.000693, rounded up
        (1, 100, 100),  # 0.000007, rounded up
        (2_76, 3600, 44600),  # 0.04451, rounded up
    ],
)
def test_taker_pays_seven_percent_of_the_variance_rounded_up(count: int, price: int, fee: int) -> None:
    """To 1/10,000 dollar."""
    assert trade_fee(count, price, TAKER_RATE_BP) == fee


def test_both_sides_of_a_price_cost_the_same() -> None:
    """P·(1-P) is that of YES and of NO."""
    assert trade_fee(3_00, 2200, TAKER_RATE_BP) == trade_fee(3_00, 7800, TAKER_RATE_BP)


def test_maker_pays_a_quarter() -> None:
    """0.0175 · 100 · 0.25."""
    assert trade_fee(100_00, 5000, MAKER_RATE_BP) == 437500


def test_balance_change_is_floored_to_the_cent() -> None:
    """10 contracts at 0.555 with a fee of 0.1729 take 5.7229 from the balance, which becomes 5.73."""
    assert charge(10_00, 5550, rate_bp=TAKER_RATE_BP) == Charge(180000, 7100)


def test_member_of_finer_precision_pays_no_rounding_fee() -> None:
    """Floored to 1/10,000 dollar, nothing is left of the same fill."""
    assert charge(10_00, 5550, rate_bp=TAKER_RATE_BP, precision_micros=100) == Charge(172900, 0)


def test_order_gets_back_what_it_overpaid_past_a_cent() -> None:
    """Two fills of 1 contract at 0.78 cost 0.0121 and 0.0079 of rounding each: of 0.0158, one cent comes back."""
    first = charge(1_00, 7800, rate_bp=TAKER_RATE_BP)
    second = charge(1_00, 7800, rate_bp=TAKER_RATE_BP, overpaid_micros=first.overpaid_micros)

    assert (first, second) == (Charge(20000, 7900), Charge(10000, 5800))


def test_overpaying_exactly_a_cent_gives_nothing_back() -> None:
    """0.0075 of an earlier fill and 0.0025 of this one do not exceed it."""
    assert charge(1_00, 5000, rate_bp=TAKER_RATE_BP, overpaid_micros=7500) == Charge(20000, 10000)


def test_fee_is_never_negative() -> None:
    """A fill of 0.01 gives back no more than its cent, whatever its order overpaid; the rest waits for the next."""
    assert charge(1_00, 9900, rate_bp=TAKER_RATE_BP, overpaid_micros=50000) == Charge(0, 49300)
