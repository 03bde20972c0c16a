"""What must have come of all that was fed: the same bodies, in the same order, taken by a book of the test's own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from openpositions.core.book import Batch
from openpositions.core.events import Fill
from openpositions.core.money import format_count, format_dollars_6
from openpositions.core.outcomes import Verdict
from openpositions.wire.ingest.events import parse_body
from openpositions.wire.socket.frames import Dialect, position_message
from tests.journaled_book import JournaledBook
from tests.properties.worth import worth_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openpositions.core.position import Position
    from tests.properties.worth import Worth
    from tests.simulation.witness import Row, RowName, Witness


class Taken(NamedTuple):
    """What became of a body."""

    accepted: int
    sequence: int


class Truth:
    """The book as it must be."""

    def __init__(self) -> None:
        self.journaled = JournaledBook()
        self.tickers: dict[str, None] = {}
        """Markets in which there is a row, in order of their first."""
        self.met: Counter[str] = Counter()
        """Changes by what caused them."""

    @property
    def sequence(self) -> int:
        """The head of the journal."""
        return self.journaled.book.sequence

    def feed(self, body: bytes) -> Taken:
        """Takes a body as one commit."""
        draft, (outcomes,) = self.journaled.commit(Batch(parse_body(body, 0).events))
        for change in draft.changes:
            self.tickers[change.after.market_ticker] = None
            market = self.journaled.book.market(change.after.market_ticker)
            late = isinstance(change.cause, Fill) and (market.settled_sequence or change.sequence) < change.sequence
            self.met["late fill" if late else type(change.cause).__name__.lower()] += 1
        return Taken(sum(outcome is Verdict.ACCEPTED for outcome in outcomes), self.sequence)

    def last_sequence(self, witness: Witness) -> int:
        """When a row that the witness follows changed last."""
        return max((row.sequence for row in self._rows(witness)), default=0)

    def rows(self, witness: Witness) -> dict[RowName, Row]:
        """What the witness must know. A snapshot leaves out what is flat, so it may or may not know such a row."""
        return {
            (row.subaccount, row.market_ticker): msgspec.json.decode(position_message(row, Dialect(witness.wish.wire)))
            for row in self._rows(witness)
            if row.position or (row.subaccount, row.market_ticker) in witness.rows
        }

    def worth(self, user_id: str, subaccount: int | None = None) -> Worth:
        """What all rows of a user, or of one subaccount, are worth."""
        book = self.journaled.book
        return worth_of([row for row in book.rows_of(user_id) if subaccount in {None, row.subaccount}], book.market)

    def rest_rows(self, user_id: str, subaccount: int) -> list[dict[str, Any]]:
        """The exact fields of the rows that REST must answer, in its order."""
        book = self.journaled.book
        rows = [
            row
            for row in book.rows_of(user_id)
            if row.subaccount == subaccount and not book.market(row.market_ticker).settled_sequence
        ]
        return list(_rest_forms(sorted(rows, key=lambda row: row.market_ticker)))

    def _rows(self, witness: Witness) -> Iterator[Position]:
        wish, filtered = witness.wish, witness.filtered
        for row in self.journaled.book.rows_of(wish.user_id):
            if wish.sees_only in {None, row.subaccount} and (filtered is None or row.market_ticker in filtered):
                yield row


def _rest_forms(rows: Iterable[Position]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {
            "ticker": row.market_ticker,
            "position_fp": format_count(row.position),
            "market_exposure_dollars": format_dollars_6(row.cost),
            "realized_pnl_dollars": format_dollars_6(row.realized_pnl),
            "fees_paid_dollars": format_dollars_6(row.fees_paid),
            "total_traded_dollars": format_dollars_6(row.total_traded),
        }
