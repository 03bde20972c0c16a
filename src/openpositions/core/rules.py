"""What each kind of event does, and when it is refused (accounting, all sections).

Every rule checks first; from its first change on it must succeed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from openpositions.core.busts import count_bust
from openpositions.core.events import (
    AS_DETERMINED,
    Adjustment,
    Bust,
    Cash,
    Declaration,
    Determination,
    Entry,
    Event,
    Fill,
    Mark,
    Settlement,
)
from openpositions.core.identity import differences, identity_of
from openpositions.core.invariants import beyond_limit, cost_violation
from openpositions.core.market import describe_result
from openpositions.core.money import INT64_MAX
from openpositions.core.outcomes import Outcome, Refusal, Verdict
from openpositions.core.position import after_adjustment, after_fill, after_settlement

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpositions.core.draft import Draft


_ACCEPTED = Verdict.ACCEPTED  # looked up once: every fill comes by here, and an enumeration finds its members slowly


def decide(draft: Draft, event: Event, key: int | None) -> Outcome:
    """Whether the event is new and allowed; if it is, the draft takes it in at the next sequence.

    `key` is that of the event's identity.
    """
    if key is not None and (key in draft.identities or draft.recall.recorded):
        repeat = _as_repeat(draft, event, key)
        if repeat is not None:
            return repeat
    sequence = draft.sequence + 1
    complete = _COMPLETIONS.get(type(event))
    if complete is not None:
        completed = complete(draft, event, sequence)
        if isinstance(completed, Refusal):
            return completed
        event = completed
    outcome = RULES[type(event)](draft, event, sequence)
    if outcome is _ACCEPTED:
        draft.append(tuple.__new__(Entry, (sequence, event)), key)
    return outcome


def _as_repeat(draft: Draft, event: Event, key: int) -> Outcome | None:
    """What becomes of an event whose identity is recorded; None for a new one."""
    identity = identity_of(event)
    recorded = None if identity is None else draft.entry_of(identity, key)
    if identity is None or recorded is None:
        return None
    differing = differences(recorded.event, event)
    if differing:
        return Refusal("conflict", f"{identity.kind} {identity.event_id!r}: {differing}")
    return Verdict.DUPLICATE


def _fill(draft: Draft, fill: Fill, sequence: int) -> Outcome:
    market_ticker = fill.market_ticker
    before = draft.row((fill.user_id, fill.subaccount, market_ticker))
    after = after_fill(
        before,
        fill.acquires_yes,
        fill.yes_price_bp,
        fill.count_centi,
        fill.fee_micros or 0,
        sequence,
        fill.ts_ms,
    )
    too_large = beyond_limit(after)
    if too_large:
        return _does_not_fit(f"{too_large} in {market_ticker}", fill.user_id)
    market = draft.known_market(market_ticker)
    if market is not None and market.settled:
        after = after_settlement(after, market.value_bp, sequence, fill.ts_ms)
    draft.change(before, after, fill)
    return _ACCEPTED


def _with_result(draft: Draft, settlement: Settlement, _sequence: int) -> Settlement | Refusal:
    """The settlement with a result: its own, or the one its market was determined at."""
    if settlement.result != AS_DETERMINED:
        return settlement
    market = draft.market(settlement.market_ticker)
    if market.result is None:
        return Refusal("not_determined", f"market {market.market_ticker} was not determined, so it needs a result")
    return msgspec.structs.replace(settlement, result=market.result, value_bp=market.value_bp)


def _settlement(draft: Draft, settlement: Settlement, sequence: int) -> Outcome:
    market = draft.market(settlement.market_ticker)
    value_bp = settlement.value_bp
    if market.settled:
        if market.value_bp == value_bp:
            return Verdict.DUPLICATE
        return Refusal(
            "conflict",
            f"market {market.market_ticker} is settled at {describe_result(market.result, market.value_bp)}, "
            f"this settlement says {describe_result(settlement.result, value_bp)}",
        )
    agrees = (market.result, market.value_bp) == (settlement.result, value_bp)
    settled = market._replace(
        result=settlement.result,
        value_bp=value_bp,
        determined_ts_ms=market.determined_ts_ms if agrees else settlement.ts_ms,
        settled_ts_ms=settlement.ts_ms,
        settled_sequence=sequence,
    )
    for before in list(draft.holders(market.market_ticker)):
        draft.change(before, after_settlement(before, value_bp, sequence, settlement.ts_ms), settlement)
    draft.change_market(market, settled, sequence)
    return Verdict.ACCEPTED


def _determination(draft: Draft, determination: Determination, sequence: int) -> Outcome:
    market = draft.market(determination.market_ticker)
    if market.result is not None and market.value_bp == determination.value_bp:
        return Verdict.DUPLICATE
    if market.settled:
        return Refusal(
            "conflict",
            f"market {market.market_ticker} is settled at {describe_result(market.result, market.value_bp)}, "
            f"this determination says {describe_result(determination.result, determination.value_bp)}",
        )
    determined = market._replace(
        result=determination.result, value_bp=determination.value_bp, determined_ts_ms=determination.ts_ms
    )
    draft.change_market(market, determined, sequence)
    return Verdict.ACCEPTED


def _adjustment(draft: Draft, adjustment: Adjustment, sequence: int) -> Outcome:
    market = draft.market(adjustment.market_ticker)
    if market.settled and (adjustment.position_centi or adjustment.cost_micros):
        return Refusal("market_settled", f"market {market.market_ticker} is settled: position and cost may not change")
    before = draft.row((adjustment.user_id, adjustment.subaccount, adjustment.market_ticker))
    after = after_adjustment(before, adjustment, sequence)
    violation = cost_violation(after)
    if violation:
        return Refusal("breaks_invariant", f"adjustment {adjustment.adjustment_id!r}: {violation}")
    # The rows explain realized - cost - fees of every balance; an account keeps the rest.
    explained = adjustment.realized_pnl_micros - adjustment.cost_micros - adjustment.fees_paid_micros
    account = (adjustment.user_id, adjustment.subaccount)
    balance = draft.account(account) + adjustment.cash_micros - explained
    too_large = beyond_limit(after) or ("cash" if abs(balance) > INT64_MAX else None)
    if too_large:
        return _does_not_fit(f"{too_large} in {adjustment.market_ticker}", adjustment.user_id)
    if balance != draft.account(account):
        draft.accounts[account] = balance
    draft.change(before, after, adjustment)
    return Verdict.ACCEPTED


def _bust(draft: Draft, bust: Bust, sequence: int) -> Outcome:
    for row in bust.rows:
        draft.change(draft.row(row.key), row, bust)
    draft.busted.update(dict.fromkeys(bust.fills, sequence))
    return Verdict.ACCEPTED


def _cash(draft: Draft, cash: Cash, _sequence: int) -> Outcome:
    account = (cash.user_id, cash.subaccount)
    balance = draft.account(account) + cash.amount_micros
    if abs(balance) > INT64_MAX:
        return _does_not_fit("cash", cash.user_id)
    draft.accounts[account] = balance
    return Verdict.ACCEPTED


def _declaration(draft: Draft, declaration: Declaration, sequence: int) -> Outcome:
    market = draft.market(declaration.market_ticker)
    declared = market._replace(event_ticker=declaration.event_ticker, title=declaration.title)
    if declared == market and draft.known_market(market.market_ticker):
        return Verdict.DUPLICATE
    draft.change_market(market, declared, sequence)
    return Verdict.ACCEPTED


def _mark(draft: Draft, mark: Mark, sequence: int) -> Outcome:
    market = draft.market(mark.market_ticker)
    if (mark.ts_ms, mark.yes_price_bp) == (market.mark_ts_ms, market.mark_bp) or mark.ts_ms < market.mark_ts_ms:
        return Verdict.DUPLICATE
    return _recorded_mark(draft, mark, sequence)


def _recorded_mark(draft: Draft, mark: Mark, sequence: int) -> Outcome:
    """The last mark of its commit, which may say what was recorded before that commit."""
    market = draft.market(mark.market_ticker)
    draft.change_market(market, market._replace(mark_bp=mark.yes_price_bp, mark_ts_ms=mark.ts_ms), sequence)
    return Verdict.ACCEPTED


def _does_not_fit(what: str, user_id: str) -> Refusal:
    return Refusal("limit_exceeded", f"{what} of {user_id!r} would not fit in 64 bits")


# What an event lacks until it is decided; an entry of the journal has it.
_COMPLETIONS = cast(
    "dict[type[Event], Callable[[Draft, Event, int], Event | Refusal]]", {Bust: count_bust, Settlement: _with_result}
)
RULES = cast(
    "dict[type[Event], Callable[[Draft, Event, int], Outcome]]",
    {
        Fill: _fill,
        Settlement: _settlement,
        Determination: _determination,
        Adjustment: _adjustment,
        Bust: _bust,
        Cash: _cash,
        Declaration: _declaration,
        Mark: _mark,
    },
)
"""What each kind does with an event at its sequence."""
REPLAY_RULES = {**RULES, Mark: cast("Callable[[Draft, Event, int], Outcome]", _recorded_mark)}
"""What each kind does with an entry of the journal."""
