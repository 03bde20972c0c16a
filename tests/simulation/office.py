"""The office around the second bookkeeper: which events it takes, and what it answers to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from openpositions.core.events import (
    AS_DETERMINED,
    Adjustment,
    Bust,
    Cash,
    Declaration,
    Determination,
    Event,
    Fill,
    Mark,
    Settlement,
)
from tests.simulation.bookkeeper import NOTHING, Happening, Line, after, dollars, line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

Key: TypeAlias = tuple[str, int, str]

REFUSALS = {"conflict", "unknown_trade", "breaks_invariant", "market_settled", "not_determined"}


class Office:
    """Everything is written down and never forgotten; all values are immutable, so a copy of the books is cheap."""

    def __init__(self) -> None:
        self.lines: dict[Key, Line] = {}
        self.happenings: dict[Key, tuple[Happening, ...]] = {}
        self.of_market: dict[str, tuple[Key, ...]] = {}
        self.recorded: dict[tuple[object, ...], tuple[object, ...]] = {}
        self.trades: dict[str, tuple[Fill, ...]] = {}
        self.busted: dict[tuple[object, ...], bool] = {}
        self.results: dict[str, tuple[str, int | None]] = {}
        self.settlements: dict[str, Settlement] = {}
        self.marks: dict[str, Mark] = {}
        self.cash: dict[tuple[str, int], Fraction] = {}

    def take_batch(self, events: Sequence[Event], *, atomic: bool) -> list[str]:
        """One answer an event: `accepted`, `duplicate`, `withdrawn`, or the code of a refusal."""
        books = {name: dict(book) for name, book in vars(self).items()} if atomic else {}
        answers = [self.take(event) for event in events]
        if atomic and not REFUSALS.isdisjoint(answers):
            return [self._withdrawn(answer, event, books) for answer, event in zip(answers, events, strict=True)]
        return answers

    def take(self, event: Event) -> str:
        """The answer to one event."""
        identity, content = told_by(event)
        recorded = self.recorded.get(identity) if identity else None
        if recorded is not None:
            if isinstance(event, Fill) and event.fee_micros is None:
                recorded, content = recorded[:-1], content[:-1]
            return "duplicate" if recorded == content else "conflict"
        answer = self._take_new(event)
        if answer == "accepted" and identity:
            self.recorded[identity] = content
        return answer

    def balance(self, user_id: str, subaccount: int) -> Fraction:
        """Cash in, and what fills, pairs and payouts moved, and what adjustments state."""
        moved = (
            line.pairs + line.payouts - line.spent - line.fees
            for key, line in self.lines.items()
            if key[:2] == (user_id, subaccount)
        )
        return self.cash.get((user_id, subaccount), NOTHING) + sum(moved, NOTHING)

    def _withdrawn(self, answer: str, event: Event, books: dict[str, dict[Any, Any]]) -> str:
        """Goes back to the books as they were, and asks them whether a duplicate is one of something they hold."""
        if answer == "duplicate":
            vars(self).update((name, dict(book)) for name, book in books.items())
            answer = "duplicate" if self.take(event) == "duplicate" else "withdrawn"
        vars(self).update(books)
        return "withdrawn" if answer == "accepted" else answer

    def _take_new(self, event: Event) -> str:
        answer = "accepted"
        match event:
            case Fill():
                self.trades[event.trade_id] = (*self.trades.get(event.trade_id, ()), event)
                self._write(key_of(event), event)
            case Cash():
                self._add_cash((event.user_id, event.subaccount), event.amount_micros)
            case Adjustment():
                answer = self._take_adjustment(event)
            case Bust():
                answer = self._take_bust(event)
            case Settlement():
                answer = self._take_settlement(event)
            case Determination():
                answer = self._take_determination(event)
            case Mark():
                answer = self._take_mark(event)
            case Declaration():
                raise NotImplementedError
        return answer

    def _write(self, key: Key, happening: Happening) -> None:
        if key not in self.lines:
            settlement = self.settlements.get(key[2])
            self.happenings[key] = () if settlement is None else (settlement,)
            self.lines[key] = line_of(self.happenings[key])
            self.of_market[key[2]] = (*self.of_market.get(key[2], ()), key)
        self.happenings[key] = (*self.happenings[key], happening)
        self.lines[key] = after(self.lines[key], happening)

    def _add_cash(self, account: tuple[str, int], micros: int) -> None:
        self.cash[account] = self.cash.get(account, NOTHING) + dollars(micros)

    def _take_adjustment(self, adjustment: Adjustment) -> str:
        key = key_of(adjustment)
        if adjustment.market_ticker in self.settlements and (adjustment.position_centi or adjustment.cost_micros):
            return "market_settled"
        if not after(self.lines.get(key, Line()), adjustment).is_possible:
            return "breaks_invariant"
        self._write(key, adjustment)
        self._add_cash(key[:2], adjustment.cash_micros)
        return "accepted"

    def _take_bust(self, bust: Bust) -> str:
        named = [
            fill
            for fill in self.trades.get(bust.trade_id, ())
            if bust.user_id in {None, fill.user_id}
            and bust.subaccount in {None, fill.subaccount}
            and told_by(fill)[0] not in self.busted
        ]
        if not named:
            return "unknown_trade"
        left = {
            key_of(fill): tuple(happening for happening in self.happenings[key_of(fill)] if happening not in named)
            for fill in named
        }
        lines = {key: line_of(happenings) for key, happenings in left.items()}
        if not all(line.is_possible for line in lines.values()):
            return "breaks_invariant"
        self.lines.update(lines)
        self.happenings.update(left)
        self.busted.update((told_by(fill)[0], True) for fill in named)
        return "accepted"

    def _take_settlement(self, settlement: Settlement) -> str:
        ticker, result, value = settlement.market_ticker, settlement.result, settlement.value_bp
        if result == AS_DETERMINED:
            if ticker not in self.results:
                return "not_determined"
            result, value = self.results[ticker]
        if ticker in self.settlements:
            return "duplicate" if self.settlements[ticker].value_bp == value else "conflict"
        self.results[ticker] = (result, value)
        self.settlements[ticker] = Settlement(ticker, result, value, settlement.ts_ms)
        for key in self.of_market.get(ticker, ()):
            self._write(key, self.settlements[ticker])
        return "accepted"

    def _take_determination(self, determination: Determination) -> str:
        ticker, value = determination.market_ticker, determination.value_bp
        if ticker in self.results and self.results[ticker][1] == value:
            return "duplicate"
        if ticker in self.settlements:
            return "conflict"
        self.results[ticker] = (determination.result, value)
        return "accepted"

    def _take_mark(self, mark: Mark) -> str:
        known = self.marks.get(mark.market_ticker)
        if known is not None and (mark.ts_ms < known.ts_ms or mark == known):
            return "duplicate"
        self.marks[mark.market_ticker] = mark
        return "accepted"


def key_of(event: Fill | Adjustment) -> Key:
    """Whose line in which market."""
    return event.user_id, event.subaccount, event.market_ticker


def told_by(event: Event) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """The identity of an event, nothing for those that have none, and what a repeat must share; a fee comes last."""
    match event:
        case Fill():
            identity = ("fill", event.trade_id, event.user_id, event.subaccount)
            fee = event.fee_micros or 0
            return identity, (event.market_ticker, event.acquires_yes, event.yes_price_bp, event.count_centi, fee)
        case Adjustment():
            amounts = (event.position_centi, event.cost_micros, event.realized_pnl_micros, event.fees_paid_micros)
            return ("adjustment", event.adjustment_id), (*key_of(event), *amounts, event.cash_micros, event.reason)
        case Bust():
            return ("bust", event.bust_id), (event.trade_id, event.user_id, event.subaccount)
        case Cash():
            return ("cash", event.cash_id), (event.user_id, event.subaccount, event.amount_micros)
        case _:
            return (), ()
