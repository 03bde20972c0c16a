"""A second bookkeeper, naive on purpose: the accounting page spelled out with exact fractions of contracts and dollars.

It reads the events that the service takes and shares nothing else with it. It holds YES and NO contracts as two heaps,
knows P&L only as what came in less what went out, and counts a row again from the start whenever a trade is busted.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple, TypeAlias

from openpositions.core.events import Adjustment, Fill, Settlement

NOTHING = Fraction(0)
DOLLAR = Fraction(1)


@cache
def contracts(centi: int) -> Fraction:
    """A count."""
    return Fraction(centi, 100)


def dollars(micros: int) -> Fraction:
    """An amount of money."""
    return Fraction(micros, 1_000_000)


@cache
def price(basis_points: int) -> Fraction:
    """Dollars a contract."""
    return Fraction(basis_points, 10_000)


def floor_to_micros(amount: Fraction) -> Fraction:
    """The page releases cost and fees in whole micros."""
    return dollars(amount.numerator * 1_000_000 // amount.denominator)


class Heap(NamedTuple):
    """The contracts of one side."""

    held: Fraction = NOTHING
    acquired: Fraction = NOTHING
    paid: Fraction = NOTHING


class Line(NamedTuple):
    """One user's line in the books of one market."""

    yes: Heap = Heap()
    no: Heap = Heap()
    cost: Fraction = NOTHING
    fee_cost: Fraction = NOTHING
    fees: Fraction = NOTHING
    """Of fills."""
    pairs: Fraction = NOTHING
    """Dollars received for pairs of a YES and a NO."""
    payouts: Fraction = NOTHING
    """Dollars received from the settlement."""
    stated_cost: Fraction = NOTHING
    stated_realized: Fraction = NOTHING
    stated_fees: Fraction = NOTHING
    """What adjustments stated; kept apart, because no money moved for it."""
    settlement: Settlement | None = None

    @property
    def position(self) -> Fraction:
        """YES counts positive, NO negative."""
        return self.yes.held - self.no.held

    @property
    def spent(self) -> Fraction:
        """Dollars paid for contracts of either side."""
        return self.yes.paid + self.no.paid

    @property
    def realized_pnl(self) -> Fraction:
        """What came in, less what went out for contracts no longer held."""
        spent_on_what_left = self.spent + self.stated_cost - self.cost
        return self.pairs + self.payouts - spent_on_what_left + self.stated_realized

    @property
    def is_possible(self) -> bool:
        """Whether a position can have this cost."""
        if self.position == 0:
            return self.cost == 0 and self.fee_cost == 0
        return 0 < self.cost <= abs(self.position) * DOLLAR


Happening: TypeAlias = Fill | Adjustment | Settlement


def line_of(happenings: tuple[Happening, ...]) -> Line:
    """The line that these events make, in this order."""
    line = Line()
    for happening in happenings:
        line = after(line, happening)
    return line


def after(line: Line, happening: Happening) -> Line:
    """The line with one event more."""
    match happening:
        case Fill():
            line = after_fill(line, happening)
        case Adjustment():
            line = after_adjustment(line, happening)
        case Settlement():
            line = line._replace(settlement=happening)
    return line if line.settlement is None else paid_out(line, line.settlement)


def after_fill(line: Line, fill: Fill) -> Line:
    """The other side goes first, a dollar a pair; the rest is put on the heap of the side acquired."""
    yes_price = price(fill.yes_price_bp)
    count, fee = contracts(fill.count_centi), dollars(fill.fee_micros or 0)
    mine, other = (line.yes, line.no) if fill.acquires_yes else (line.no, line.yes)
    mine_price = yes_price if fill.acquires_yes else DOLLAR - yes_price

    paired = min(count, other.held)
    opened = count - paired
    cost, fee_cost = line.cost, line.fee_cost
    if paired:
        cost -= floor_to_micros(cost * paired / other.held)
        fee_cost -= floor_to_micros(fee_cost * paired / other.held)
    if opened:
        cost += opened * mine_price
        fee_cost += fee - floor_to_micros(fee * paired / count)

    mine = Heap(mine.held + opened, mine.acquired + count, mine.paid + count * mine_price)
    other = other._replace(held=other.held - paired)
    yes, no = (mine, other) if fill.acquires_yes else (other, mine)
    return line._replace(
        yes=yes, no=no, cost=cost, fee_cost=fee_cost, fees=line.fees + fee, pairs=line.pairs + paired * DOLLAR
    )


def after_adjustment(line: Line, adjustment: Adjustment) -> Line:
    """Contracts come and go without a trade; the amounts are what it states."""
    position = line.position + contracts(adjustment.position_centi)
    cost = dollars(adjustment.cost_micros)
    return line._replace(
        yes=line.yes._replace(held=max(position, NOTHING)),
        no=line.no._replace(held=max(-position, NOTHING)),
        cost=line.cost + cost,
        fee_cost=line.fee_cost if position else NOTHING,
        stated_cost=line.stated_cost + cost,
        stated_realized=line.stated_realized + dollars(adjustment.realized_pnl_micros),
        stated_fees=line.stated_fees + dollars(adjustment.fees_paid_micros),
    )


def paid_out(line: Line, settlement: Settlement) -> Line:
    """Nothing is held any more. A YES is paid the value, a NO the rest of the dollar; void pays back the cost."""
    if settlement.value_bp is None:
        payout = line.cost
    else:
        value = price(settlement.value_bp)
        payout = line.yes.held * value + line.no.held * (DOLLAR - value)
    return line._replace(
        yes=line.yes._replace(held=NOTHING),
        no=line.no._replace(held=NOTHING),
        cost=NOTHING,
        fee_cost=NOTHING,
        payouts=line.payouts + payout,
    )
