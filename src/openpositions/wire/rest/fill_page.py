"""A user's fills, as REST answers them (protocol, 4). Fields are in alphabetical order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from openpositions.core.events import Fill
from openpositions.core.money import (
    DOLLAR_BP,
    format_count,
    format_dollars_6,
    format_price,
    price_cents,
    whole_contracts,
)
from openpositions.wire.rest.forms import format_time
from openpositions.wire.rest.parameters import format_cursor
from openpositions.wire.rest.venue_queries import FillsCursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpositions.core.events import Entry
    from openpositions.wire.rest.venue_queries import FillsQuery

# What one request goes over at most, looking for the few that a filter lets through: some 0.1 s of work.
FILLS_A_REQUEST = 10_000
FILLS_A_READ = 1_000


class FillRow(msgspec.Struct, gc=False):
    """A fill that stands. Integers are rounded, cents or contracts; texts are exact."""

    action: str
    book_side: str
    count: int
    count_fp: str
    created_time: str
    exchange_index: int
    fee_cost: str
    fill_id: str
    is_taker: bool
    market_ticker: str
    no_price: int
    no_price_dollars: str
    no_price_fixed: str
    order_id: str
    outcome_side: str
    price: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "number"})]
    """The YES price as a number in dollars, whichever side was acquired; digit for digit, not through a float."""
    side: str
    subaccount_number: int
    ticker: str
    trade_id: str
    ts: int
    yes_price: int
    yes_price_dollars: str
    yes_price_fixed: str


class FillsAnswer(msgspec.Struct):
    """A page of fills."""

    cursor: str
    fills: list[FillRow]


class _Match(NamedTuple):
    sequence: int
    fill: Fill


class FillsPage:
    """Fills in falling order of their sequences, which is newest first by arrival.

    The fills come in reads: `take` what was read, until `read_limit` is 0, then ask for the `body`. A request that
    went over FILLS_A_REQUEST fills stops there, with a page that may be short or empty and a cursor to go on from.
    """

    def __init__(self, user_id: str, query: FillsQuery) -> None:
        self._user_id = user_id
        self._query = query
        self._found: list[_Match] = []
        self._taken = 0
        self._exhausted = False
        self.before = query.before
        """The next read is of fills below this sequence; None for the newest."""

    @property
    def read_limit(self) -> int:
        """How many fills the next read should give; 0 when the page is complete."""
        # One more than the page shows whether another follows.
        missing = self._query.limit + 1 - len(self._found)
        if self._exhausted or missing == 0 or self._taken >= FILLS_A_REQUEST:
            return 0
        query = self._query
        sifted = (query.order_id, query.min_ts, query.max_ts) != (None, None, None)
        return FILLS_A_READ if sifted else missing

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes what a read gave, newest first; an empty list says that there are no older fills."""
        self._exhausted = not entries
        self._taken += len(entries)
        for sequence, event in entries:
            if len(self._found) > self._query.limit:
                break
            self.before = sequence
            if isinstance(event, Fill) and self._matches(event):
                self._found.append(_Match(sequence, event))

    def body(self) -> bytes:
        """The answer, once `read_limit` is 0."""
        page = self._found[: self._query.limit]
        cursor = ""
        if len(page) < len(self._found):
            cursor = format_cursor(FillsCursor(page[-1].sequence))
        elif not self._exhausted and self.before is not None:
            cursor = format_cursor(FillsCursor(self.before))
        return msgspec.json.encode(FillsAnswer(cursor, [_fill(match.fill) for match in page]))

    def _matches(self, fill: Fill) -> bool:
        """Whether the fill is one that was asked for. Indexes go by hashes: what they found is compared here."""
        query = self._query
        ts = fill.ts_ms // 1000
        return (
            fill.user_id == self._user_id
            and query.subaccount in {None, fill.subaccount}
            and query.ticker in {None, fill.market_ticker}
            and query.order_id in {None, fill.order_id}
            and (query.min_ts is None or ts >= query.min_ts)
            and (query.max_ts is None or ts <= query.max_ts)
        )


def _fill(fill: Fill) -> FillRow:
    """The row of a fill. `action` is always buy and `side` the side acquired: true under every convention."""
    side = "yes" if fill.acquires_yes else "no"
    no_price_bp = DOLLAR_BP - fill.yes_price_bp
    yes_price, no_price = format_price(fill.yes_price_bp), format_price(no_price_bp)
    return FillRow(
        action="buy",
        book_side="bid" if fill.acquires_yes else "ask",
        count=whole_contracts(fill.count_centi),
        count_fp=format_count(fill.count_centi),
        created_time=format_time(fill.ts_ms),
        exchange_index=0,
        fee_cost=format_dollars_6(fill.fee_micros or 0),
        fill_id=fill.trade_id,
        is_taker=fill.is_taker,
        market_ticker=fill.market_ticker,
        no_price=price_cents(no_price_bp),
        no_price_dollars=no_price,
        no_price_fixed=no_price,
        order_id=fill.order_id,
        outcome_side=side,
        price=msgspec.Raw(yes_price.encode()),
        side=side,
        subaccount_number=fill.subaccount,
        ticker=fill.market_ticker,
        trade_id=fill.trade_id,
        ts=fill.ts_ms // 1000,
        yes_price=price_cents(fill.yes_price_bp),
        yes_price_dollars=yes_price,
        yes_price_fixed=yes_price,
    )
