"""First-in-first-out lots of one row: what was acquired when, and what each disposal of it gained.

The book keeps cost by the average (accounting, "Position"); this is a report over the same entries and no second book.
It splits the same money in another way, and differs in nothing else. After every entry of a row

    gains of all disposals - basis of the open lots = realized P&L - cost
    fees of all disposals + fees of the open lots   = fees paid
    contracts of the open lots                      = contracts held

all exactly, so a flat row gained its realized P&L.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from openpositions.core.events import Adjustment, Fill
from openpositions.core.money import DOLLAR_BP
from openpositions.core.recount import Recount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpositions.core.events import Entry
    from openpositions.core.market import Market
    from openpositions.core.position import RowKey

CLOSED, SETTLED, ADJUSTED = "closed", "settled", "adjusted"


class Lot(NamedTuple):
    """Contracts of one side that were acquired together."""

    acquired_id: str
    """Of the fill or the adjustment."""
    acquired_ts_ms: int
    is_yes: bool
    count_centi: int
    basis_micros: int
    """What was paid for them, fees aside; for an opening balance the cost that it states."""
    fees_micros: int

    def split(self, count_centi: int) -> tuple[Lot, Lot | None]:
        """So many of the contracts, and the rest; what does not divide stays with the rest."""
        if count_centi == self.count_centi:
            return self, None
        basis = self.basis_micros * count_centi // self.count_centi
        fees = self.fees_micros * count_centi // self.count_centi
        rest = self._replace(
            count_centi=self.count_centi - count_centi,
            basis_micros=self.basis_micros - basis,
            fees_micros=self.fees_micros - fees,
        )
        return self._replace(count_centi=count_centi, basis_micros=basis, fees_micros=fees), rest


class DisposalCause(NamedTuple):
    """What disposed of lots."""

    kind: str
    """CLOSED by a fill of the other side, SETTLED, or ADJUSTED."""
    disposed_id: str
    """Of the fill or the adjustment; for a settlement the result."""
    ts_ms: int
    sequence: int


class Disposal(NamedTuple):
    """A lot, or a part of one, that is held no longer."""

    key: RowKey
    lot: Lot | None
    """None for an adjustment that changed the realized P&L or the fees of no contracts."""
    cause: DisposalCause
    proceeds_micros: int
    """For a lot closed by buying the other side 1 dollar a pair less what that side cost."""
    fees_micros: int
    """Of the disposing; those of the acquiring are the lot's."""

    @property
    def gain_micros(self) -> int:
        """Gross of fees, as realized P&L is."""
        return self.proceeds_micros - (self.lot.basis_micros if self.lot else 0)


class RowLots:
    """The lots of one row. It is fed the fills that stand and the adjustments, in order; busted fills are left out."""

    def __init__(self, key: RowKey, market: Market) -> None:
        self.open: deque[Lot] = deque()
        """All of one side, the longest held first."""
        self._key = key
        self._market = market
        self._is_open = True
        """The settlement of the market is still to come, if there is one."""
        self._recount = Recount(key, market._replace(settled_sequence=None))

    def take(self, entry: Entry) -> list[Disposal]:
        """What the next entry disposed of. What came before it on the market is settled first."""
        sequence, event = entry
        disposals = self.settle() if sequence > (self._market.settled_sequence or sequence) else []
        if isinstance(event, Fill):
            disposals += self._fill(event, sequence)
            if not self._is_open:
                disposals += self._pay_out(event.ts_ms, sequence, sum(lot.basis_micros for lot in self.open))
        elif isinstance(event, Adjustment):
            disposals += self._adjust(event, sequence)
        if self._is_open:
            self._recount.take(entry)
        return disposals

    def settle(self) -> list[Disposal]:
        """What the settlement of the market disposed of; nothing when there was none, or when that was given before."""
        market = self._market
        if market.settled_sequence is None or not self._is_open:
            return []
        self._is_open = False
        return self._pay_out(market.settled_ts_ms or 0, market.settled_sequence, self._recount.row().cost)

    def _fill(self, fill: Fill, sequence: int) -> list[Disposal]:
        price = fill.yes_price_bp if fill.acquires_yes else DOLLAR_BP - fill.yes_price_bp
        count, fee = fill.count_centi, fill.fee_micros or 0
        held_against = -self._held() if fill.acquires_yes else self._held()
        closing = min(count, max(0, held_against))
        closing_fee = fee * closing // count
        disposals = []
        if closing:
            cause = DisposalCause(CLOSED, fill.trade_id, fill.ts_ms, sequence)
            closed = self._release(closing)
            disposals = self._dispose(closed, cause, lambda lot: lot.count_centi * (DOLLAR_BP - price), closing_fee)
        if count > closing:
            self.open.append(
                Lot(
                    fill.trade_id,
                    fill.ts_ms,
                    fill.acquires_yes,
                    count - closing,
                    (count - closing) * price,
                    fee - closing_fee,
                )
            )
        return disposals

    def _pay_out(self, ts_ms: int, sequence: int, void_micros: int) -> list[Disposal]:
        """Settles all lots at the market's value. A void market pays `void_micros`, the row's cost, for all of them."""
        result, value_bp = self._market.result or "", self._market.value_bp
        cause = DisposalCause(SETTLED, result, ts_ms, sequence)
        lots = list(self.open)
        self.open.clear()
        if value_bp is not None:
            return self._dispose(
                lots, cause, lambda lot: lot.count_centi * (value_bp if lot.is_yes else DOLLAR_BP - value_bp)
            )
        weights = [lot.basis_micros for lot in lots]
        shares = iter(_shares(void_micros, weights if sum(weights) > 0 else [lot.count_centi for lot in lots]))
        return self._dispose(lots, cause, lambda _: next(shares))

    def _adjust(self, adjustment: Adjustment, sequence: int) -> list[Disposal]:
        """An adjustment adds a lot, takes lots away, or both; what else it states is a line of its own.

        It changes realized P&L - cost by what it states, so that is what its disposals gain, and what it adds to the
        basis of the open lots, together.
        """
        cause = DisposalCause(ADJUSTED, adjustment.adjustment_id, adjustment.ts_ms, sequence)
        stated = adjustment.realized_pnl_micros - adjustment.cost_micros
        change = adjustment.position_centi
        held = self._held()
        against = min(abs(change), abs(held)) if (change > 0) != (held > 0) else 0
        disposals = []
        added = 0
        if abs(change) > against:
            added = adjustment.cost_micros + (self._recount.row().cost if against else 0)
        if against:
            lots = self._release(against)
            shares = iter(_shares(stated + added, [lot.count_centi for lot in lots]))
            disposals = self._dispose(lots, cause, lambda _: next(shares))
            stated = -added
        elif not change and self.open:
            self._spread(adjustment.cost_micros)
            added = adjustment.cost_micros
        if abs(change) > against:
            self.open.append(
                Lot(adjustment.adjustment_id, adjustment.ts_ms, change > 0, abs(change) - against, added, 0)
            )
        if stated + added or adjustment.fees_paid_micros:
            disposals.append(Disposal(self._key, None, cause, stated + added, adjustment.fees_paid_micros))
        return disposals

    def _held(self) -> int:
        """The position: YES positive. A settled row holds nothing."""
        return self._recount.row().position if self._is_open else 0

    def _release(self, count_centi: int) -> list[Lot]:
        """Takes so many contracts out, the longest held first."""
        released = []
        while count_centi:
            lot = self.open.popleft()
            part, rest = lot.split(min(count_centi, lot.count_centi))
            if rest is not None:
                self.open.appendleft(rest)
            released.append(part)
            count_centi -= part.count_centi
        return released

    def _spread(self, cost_micros: int) -> None:
        """Adds to the basis of all open lots, by their contracts."""
        shares = _shares(cost_micros, [lot.count_centi for lot in self.open])
        self.open = deque(
            lot._replace(basis_micros=lot.basis_micros + share) for lot, share in zip(self.open, shares, strict=True)
        )

    def _dispose(
        self, lots: Sequence[Lot], cause: DisposalCause, proceeds: Callable[[Lot], int], fees_micros: int = 0
    ) -> list[Disposal]:
        fees = _shares(fees_micros, [lot.count_centi for lot in lots])
        return [Disposal(self._key, lot, cause, proceeds(lot), fee) for lot, fee in zip(lots, fees, strict=True)]


def _shares(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in whole parts by weight, which add up to it exactly: each is what the floors of the sums differ by."""
    total = sum(weights)
    shares = []
    passed = given = 0
    for weight in weights:
        passed += weight
        through = amount * passed // total
        shares.append(through - given)
        given = through
    return shares
