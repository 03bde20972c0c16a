"""What a venue charges for a fill, by its published rule (accounting, "Fees").

The service takes the fee of a fill as it is fed; this computes one, for a simulated market.
"""

from __future__ import annotations

from typing import NamedTuple

from openpositions.core.money import CENT_MICROS, CENTI_CENT_MICROS, DOLLAR_BP

TAKER_RATE_BP = 700
"""0.07 of C·P·(1-P)."""
MAKER_RATE_BP = 175
"""0.0175 of it, where makers pay."""

# count/100 · price/10⁴ · (1 - price/10⁴) · rate/10⁴ dollars, in units of 1/10,000 dollar.
_RATED_SCALE = 10**10


class Charge(NamedTuple):
    """What one fill costs, and what its order carries on to the next one."""

    fee_micros: int
    """Never negative."""
    overpaid_micros: int
    """Rounding fees of the order that were not given back yet."""


def trade_fee(count_centi: int, price_bp: int, rate_bp: int) -> int:
    """Micros: the rate times C·P·(1-P), rounded up to 1/10,000 dollar. The price may be of either side."""
    return -(-count_centi * price_bp * (DOLLAR_BP - price_bp) * rate_bp // _RATED_SCALE) * CENTI_CENT_MICROS


def charge(
    count_centi: int, price_bp: int, *, rate_bp: int, overpaid_micros: int = 0, precision_micros: int = CENT_MICROS
) -> Charge:
    """The fee of a fill at the price of the side acquired, given what its order overpaid before.

    The balance change is floored to the member's precision, and what is floored away is a rounding fee. Once those of
    an order exceed a cent, the whole cents among them are given back, at most as many as the fill costs.
    """
    fee = trade_fee(count_centi, price_bp, rate_bp)
    # Closing pays whole cents, 1 dollar a contract, so only the price paid and the fee leave something to floor.
    rounding = -(count_centi * price_bp + fee) % precision_micros
    overpaid = overpaid_micros + rounding
    rebate = 0
    if overpaid > CENT_MICROS:
        rebate = min(overpaid, fee + rounding) // CENT_MICROS * CENT_MICROS
    return Charge(fee + rounding - rebate, overpaid - rebate)
