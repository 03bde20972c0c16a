"""What a bust takes away, and what is left (accounting, "Other events")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from openpositions.core.events import Bust, Fill, row_key_of
from openpositions.core.invariants import beyond_limit, cost_violation
from openpositions.core.outcomes import Refusal
from openpositions.core.recount import Recount

if TYPE_CHECKING:
    from openpositions.core.draft import Draft
    from openpositions.core.position import RowKey


def count_bust(draft: Draft, bust: Bust, sequence: int, *, recorded: bool = False) -> Bust | Refusal:
    """The bust with the fills it reverses and the resulting rows, each recomputed from its remaining entries.

    A `recorded` one may have a row whose cost was wrong when its market settled: it was taken, and the row is right.
    """
    fills = [
        entry
        for entry in (*draft.recall.trades.get(bust.trade_id, ()), *draft.entries)
        if isinstance(entry.event, Fill)
        and entry.event.trade_id == bust.trade_id
        and bust.user_id in {None, entry.event.user_id}
        and bust.subaccount in {None, entry.event.subaccount}
    ]
    standing = [entry for entry in fills if not draft.is_busted(entry.sequence)]
    if not standing:
        reason = "was busted before" if fills else "is not recorded"
        return Refusal("unknown_trade", f"trade_id {bust.trade_id!r} {reason}")
    busted = tuple(entry.sequence for entry in standing)
    rows = []
    for key in dict.fromkeys(key for entry in standing if (key := row_key_of(entry.event))):
        count = _count_without(draft, key, busted)
        row = count.row()._replace(sequence=sequence)
        violation = (None if recorded else count.hidden_violation) or cost_violation(row)
        if violation:
            return Refusal("breaks_invariant", f"without trade {bust.trade_id!r}, in {row.market_ticker}: {violation}")
        too_large = beyond_limit(row)
        if too_large:
            reason = f"{too_large} in {row.market_ticker} would not fit in 64 bits"
            return Refusal("limit_exceeded", f"without trade {bust.trade_id!r}, {reason}")
        rows.append(row._replace(ts_ms=max(draft.row(key).ts_ms, bust.ts_ms)))
    return msgspec.structs.replace(bust, fills=busted, rows=tuple(rows))


def _count_without(draft: Draft, key: RowKey, busted: tuple[int, ...]) -> Recount:
    own = (entry for entry in draft.entries if row_key_of(entry.event) == key)
    count = Recount(key, draft.market(key[2]))
    count.take_all(
        entry
        for entry in (*draft.recall.histories.get(key, ()), *own)
        if entry.sequence not in busted and not draft.is_busted(entry.sequence)
    )
    return count
