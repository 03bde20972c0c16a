"""One position, and what one fill, settlement or adjustment does to it (accounting, "Position" and "Settlement")."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.money import DOLLAR_BP

if TYPE_CHECKING:
    from openpositions.core.events import Adjustment

RowKey = tuple[str, int, str]
"""(user_id, subaccount, market_ticker): what a position is kept for."""


class Position(NamedTuple):
    """One user's row in one market. Immutable: a change replaces the row.

    Amounts without a unit in their name are micros, counts 1/100 contract.

    The field order is a storage format: a field may be added at the end, never moved or removed.
    """

    user_id: str
    subaccount: int
    market_ticker: str
    position: int
    """Net contracts, 1/100: YES positive, NO negative."""
    cost: int
    """Micros paid for the contracts held, at the price of the side held, fees excluded; never negative."""
    realized_pnl: int
    """Micros, gross of fees."""
    fees_paid: int
    """Micros, the sum over all fills; rebates count negative."""
    fee_cost: int
    """Micros of fees of the contracts still held."""
    yes_volume: int
    """YES contracts ever acquired, 1/100, closings of NO included."""
    yes_traded: int
    """Micros paid for them."""
    no_volume: int
    no_traded: int
    received: int
    """Micros: 1 dollar per closed YES/NO pair, plus settlement payouts."""
    sequence: int
    """The journal's sequence of the last change."""
    ts_ms: int
    """Unix milliseconds of the last change; never goes back."""
    payout: int = 0
    """Micros of `received` that settlements paid; the rest came from closed pairs."""

    @property
    def key(self) -> RowKey:
        """What the row is kept for."""
        return self[:3]

    @property
    def volume(self) -> int:
        """Contracts acquired on both sides, 1/100."""
        return self.yes_volume + self.no_volume

    @property
    def total_traded(self) -> int:
        """Micros paid for contracts of both sides, opening and closing."""
        return self.yes_traded + self.no_traded


def empty_row(key: RowKey) -> Position:
    """The row of a user who never traded in the market."""
    return tuple.__new__(Position, (*key, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))


def after_fill(  # noqa: PLR0913, PLR0917 - the facts of a fill, passed flat because this is the hottest call
    row: Position,
    acquires_yes: bool,  # noqa: FBT001 - as above
    yes_price_bp: int,
    count: int,
    fee: int,
    sequence: int,
    ts_ms: int,
) -> Position:
    """The row after acquiring `count` contracts (1/100) of one side for a fee in micros.

    Buying the other side first closes what is held, 1 dollar per pair; what is left over opens. Crossing zero is these
    two steps and no third case.
    """
    (user_id, subaccount, ticker, position, cost, realized, fees_paid, fee_cost,
     yes_volume, yes_traded, no_volume, no_traded, received, _, last_ts_ms, paid_out) = row  # fmt: skip
    if acquires_yes:
        price = yes_price_bp
        held_against = -position
        position += count
        yes_volume += count
        yes_traded += count * price
    else:
        price = DOLLAR_BP - yes_price_bp
        held_against = position
        position -= count
        no_volume += count
        no_traded += count * price
    opening, opening_fee = count, fee
    if held_against > 0:
        closing = min(count, held_against)
        opening -= closing
        opening_fee = fee - fee * closing // count
        # A floor releases at most the average: what stays is at most 1 dollar a contract, never 0 while any is held.
        released = cost * closing // held_against
        cost -= released
        fee_cost -= fee_cost * closing // held_against
        realized += closing * (DOLLAR_BP - price) - released
        received += closing * DOLLAR_BP
    if opening:
        cost += opening * price
        fee_cost += opening_fee
    # The constructor of a named tuple costs twice what the tuple itself does.
    return tuple.__new__(Position, (
        user_id, subaccount, ticker, position, cost, realized, fees_paid + fee, fee_cost,
        yes_volume, yes_traded, no_volume, no_traded, received,
        sequence, ts_ms if ts_ms > last_ts_ms else last_ts_ms, paid_out,  # noqa: FURB136 - max() costs a call
    ))  # fmt: skip


def value_of(position: int, yes_price_bp: int) -> int:
    """Micros that net contracts (1/100, NO negative) are worth at a price of YES: a NO is worth 1 dollar less that."""
    return position * yes_price_bp if position >= 0 else -position * (DOLLAR_BP - yes_price_bp)


def after_settlement(row: Position, value_bp: int | None, sequence: int, ts_ms: int) -> Position:
    """The row after its market settled at a value per YES contract; None is void and pays the cost back."""
    (user_id, subaccount, ticker, position, cost, realized, fees_paid, _,
     yes_volume, yes_traded, no_volume, no_traded, received, _, last_ts_ms, paid_out) = row  # fmt: skip
    paid = cost if value_bp is None else value_of(position, value_bp)
    # A settlement makes a row for every holder at once: `_replace` would cost four times as much.
    return tuple.__new__(Position, (
        user_id, subaccount, ticker, 0, 0, realized + paid - cost, fees_paid, 0,
        yes_volume, yes_traded, no_volume, no_traded, received + paid,
        sequence, ts_ms if ts_ms > last_ts_ms else last_ts_ms, paid_out + paid,  # noqa: FURB136 - as above
    ))  # fmt: skip


def after_adjustment(row: Position, adjustment: Adjustment, sequence: int) -> Position:
    """The row after signed changes; volumes and totals traded never change.

    Fees of the open position are not an amount that an adjustment states: they stay while anything is held.
    """
    position = row.position + adjustment.position_centi
    return row._replace(
        position=position,
        cost=row.cost + adjustment.cost_micros,
        realized_pnl=row.realized_pnl + adjustment.realized_pnl_micros,
        fees_paid=row.fees_paid + adjustment.fees_paid_micros,
        fee_cost=row.fee_cost if position else 0,
        sequence=sequence,
        ts_ms=max(adjustment.ts_ms, row.ts_ms),
    )
