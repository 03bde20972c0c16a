"""All positions, and the two steps of their change: decide (pure), then install what became durable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpositions.core import rules
from openpositions.core.draft import NOTHING_RECALLED, AccountKey, Draft, Recall, RecoveryDraft
from openpositions.core.events import Declaration, Determination, Mark, Settlement
from openpositions.core.identity import identity_key, identity_of
from openpositions.core.market import Market, undeclared_market
from openpositions.core.outcomes import Outcome, Refusal, Verdict
from openpositions.core.position import Position, RowKey, empty_row
from openpositions.errors import JournalCorrupt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from openpositions.core.events import Entry, Event


class Batch:
    """Events that were fed in together."""

    __slots__ = ("atomic", "events", "keys")

    def __init__(self, events: Sequence[Event], *, atomic: bool = False) -> None:
        self.events = events
        self.atomic = atomic
        """All of them are taken, or none."""
        self.keys = [identity_key(event) for event in events]
        """The key of each event's identity, by which repeats are found."""


class Book:
    """All positions, not an order book. It changes only by `install`, in one synchronous step."""

    def __init__(self) -> None:
        self.sequence = 0
        """The journal's sequence of the last entry that the book contains."""
        self.markets: dict[str, Market] = {}
        self.busted: dict[int, int] = {}
        """The sequence of each busted fill, and of its bust."""
        self._accounts: dict[str, dict[int, int]] = {}
        self._rows: dict[str, dict[RowKey, Position]] = {}
        """By user, in order of their last change."""
        self._holders: dict[str, dict[RowKey, None]] = {}

    def row(self, key: RowKey) -> Position:
        """The row; an empty one when there is none."""
        rows = self._rows.get(key[0])
        return (rows and rows.get(key)) or empty_row(key)

    def rows_of(self, user_id: str) -> Iterable[Position]:
        """The rows of a user, flat ones included, in order of their last change."""
        return self._rows.get(user_id, {}).values()

    def rows_changed_since(self, user_id: str, sequence: int) -> list[Position]:
        """The rows of a user changed at or after `sequence`, in order of their last change. Costs only those rows."""
        changed: list[Position] = []
        for row in reversed(self._rows.get(user_id, {}).values()):
            if row.sequence < sequence:
                break
            changed.append(row)
        changed.reverse()
        return changed

    def rows(self) -> Iterator[Position]:
        """Every row."""
        for rows in self._rows.values():
            yield from rows.values()

    def accounts_of(self, user_id: str) -> Mapping[int, int]:
        """By subaccount, the micros of a user's cash that no row explains: deposits, and what adjustments state."""
        return self._accounts.get(user_id, {})

    def accounts(self) -> dict[AccountKey, int]:
        """Every account, as `accounts_of` gives them."""
        return {
            (user_id, subaccount): micros
            for user_id, of_user in self._accounts.items()
            for subaccount, micros in of_user.items()
        }

    def market(self, market_ticker: str) -> Market:
        """What is known of the market; an undeclared open one when that is nothing."""
        return self.markets.get(market_ticker) or undeclared_market(market_ticker)

    def holders(self, market_ticker: str) -> Collection[RowKey]:
        """The rows of the market that are not flat."""
        return self._holders.get(market_ticker, {})

    def decide(self, batches: Iterable[Batch], recall: Recall = NOTHING_RECALLED) -> tuple[Draft, list[list[Outcome]]]:
        """What the batches would change, each event seeing the ones before it, and the outcome of every event."""
        draft = Draft(self, recall)
        outcomes = []
        for batch in batches:
            trial = draft.copy() if batch.atomic else draft
            batch_outcomes = [rules.decide(trial, *one) for one in zip(batch.events, batch.keys, strict=True)]
            if batch.atomic:
                if any(isinstance(outcome, Refusal) for outcome in batch_outcomes):
                    batch_outcomes = [
                        _withdrawn(outcome, event, draft)
                        for outcome, event in zip(batch_outcomes, batch.events, strict=True)
                    ]
                else:
                    draft = trial
            outcomes.append(batch_outcomes)
        return draft, outcomes

    def load(
        self,
        sequence: int,
        *,
        rows: Iterable[Position],
        markets: Iterable[Market],
        accounts: Mapping[AccountKey, int],
        busted: Mapping[int, int],
    ) -> None:
        """Fills an empty book with a stored one. The rows come in order of their sequence."""
        for row in rows:
            self._rows.setdefault(row.user_id, {})[row.key] = row
            if row.position:
                self._holders.setdefault(row.market_ticker, {})[row.key] = None
        self.markets.update((market.market_ticker, market) for market in markets)
        self._set_accounts(accounts)
        self.busted.update(busted)
        self.sequence = sequence

    def install(self, draft: Draft) -> None:
        """Makes the changes of a draft the book's own. The draft was decided on this book as it is."""
        all_rows, holders = self._rows, self._holders
        for key, row in draft.rows.items():
            rows = all_rows.get(key[0])
            if rows is None:
                rows = all_rows[key[0]] = {}
            before = rows.pop(key, None)
            rows[key] = row
            held = before is not None and before.position
            if row.position:
                if not held:
                    holders.setdefault(key[2], {})[key] = None
            elif held:
                self._release(key)
        self.markets.update(draft.markets)
        self._set_accounts(draft.accounts)
        self.busted.update(draft.busted)
        self.sequence = draft.sequence

    def replay(self, entries: Iterable[Entry], *, keep_changes: bool = True) -> Draft:
        """Takes in entries of the journal that follow what the book contains; they were allowed when decided.

        Without `keep_changes` the draft comes back without them; they are a seventh of the work.
        """
        draft = Draft(self) if keep_changes else RecoveryDraft(self)
        draft.entries.extend(entries)
        apply, accepted = rules.REPLAY_RULES, Verdict.ACCEPTED
        for entry in draft.entries:
            sequence, event = entry
            outcome = apply[type(event)](draft, event, sequence)
            if outcome is not accepted:
                raise JournalCorrupt(f"entry {sequence} contradicts the entries before it: {outcome}")
            key = identity_key(event)
            if key is not None:
                draft.identify(key, entry)
            draft.sequence = sequence
        self.install(draft)
        return draft

    def _set_accounts(self, accounts: Mapping[AccountKey, int]) -> None:
        for (user_id, subaccount), micros in accounts.items():
            self._accounts.setdefault(user_id, {})[subaccount] = micros

    def _release(self, key: RowKey) -> None:
        holders = self._holders[key[2]]
        del holders[key]
        if not holders:
            del self._holders[key[2]]


def _withdrawn(outcome: Outcome, event: Event, before: Draft) -> Outcome:
    """The outcome of an event of a refused batch; `before` is the draft without that batch.

    A duplicate promises that its event is recorded. What repeats nothing but its own batch is withdrawn with it.
    """
    if outcome is Verdict.ACCEPTED or (outcome is Verdict.DUPLICATE and not _is_repeat(event, before)):
        return Verdict.WITHDRAWN
    return outcome


def _is_repeat(event: Event, before: Draft) -> bool:
    """Whether the event, already found to differ in nothing, was known to the draft."""
    if not isinstance(event, Settlement | Determination | Declaration | Mark):
        key, identity = identity_key(event), identity_of(event)
        return key is not None and identity is not None and before.entry_of(identity, key) is not None
    # Only its market decides, so a book of that market alone is asked: it has no holders to go over.
    alone = Draft(Book())
    market = before.known_market(event.market_ticker)
    if market is not None:
        alone.markets[event.market_ticker] = market
    return rules.decide(alone, event, None) is Verdict.DUPLICATE
