"""The tables that `openpositions export` writes, and where their rows come from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from openpositions.cli.columns import Column, Value, columns
from openpositions.cli.past import read_entries, read_rows
from openpositions.core.events import Fill
from openpositions.core.lot_ledger import LotLedger
from openpositions.core.money import DOLLAR_BP
from openpositions.errors import RequestFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from aiohttp import ClientSession

    from openpositions.core.lots import Disposal
    from openpositions.core.position import Position
    from openpositions.wire.history_page import HistoryAnswer

Row = tuple[Value, ...]


class Wanted(NamedTuple):
    """What is to be written."""

    query: dict[str, str]
    """Whose rows, of which market and subaccount, as of when."""
    since_ms: int | None = None
    """Only what happened at this time or later."""
    until_ms: int | None = None
    """Only what happened before."""

    def includes(self, ts_ms: int) -> bool:
        """Whether a time is in the span."""
        return (self.since_ms is None or ts_ms >= self.since_ms) and (self.until_ms is None or ts_ms < self.until_ms)


class Summary:
    """What was written, for whoever wants to check it."""

    def __init__(self) -> None:
        self.rows = 0
        self.sequence = 0
        """The journal as of which the table is."""
        self.micros: Counter[str] = Counter()
        """Sums of columns of money."""


class Table(NamedTuple):
    """One table."""

    columns: list[Column]
    rows: Callable[[ClientSession, Wanted, Summary], AsyncIterator[list[Row]]]
    takes_span: bool = False
    """Whether its rows happened at a time, so that a year of them can be wanted."""
    takes_as_of: bool = False
    """Whether it can be told as of an event time; by sequence all tables can."""


_OF_ROW = (
    "user_id market_ticker event_ticker subaccount position_fp position_cost_dollars realized_pnl_dollars"
    " fees_paid_dollars position_fee_cost_dollars yes_volume_fp yes_traded_dollars no_volume_fp no_traded_dollars"
    " received_dollars payout_dollars market_result settlement_value_dollars settled_ts sequence last_updated_ts"
)
_OF_FILL = (
    "sequence trade_id order_id client_order_id user_id market_ticker subaccount side price_dollars yes_price_dollars"
    " count_fp cost_dollars fee_cost_dollars is_taker filled_ts"
)
_OF_DISPOSAL = (
    "user_id market_ticker subaccount side count_fp acquired_id acquired_ts disposed_by disposed_id disposed_ts"
    " proceeds_dollars basis_dollars gain_dollars acquisition_fees_dollars disposal_fees_dollars net_gain_dollars"
    " sequence"
)
_OF_LOT = (
    "user_id market_ticker subaccount side count_fp acquired_id acquired_ts basis_dollars acquisition_fees_dollars"
)


async def _all_rows(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    answer = await _rows(session, wanted, summary)
    yield [_of_row(answer, place) for place in range(len(answer.market_positions))]


async def _settlements(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The rows of settled markets in which anything is left of an event, in order of their settlement."""
    answer = await _rows(session, wanted, summary)
    settled = []
    for place, told in enumerate(answer.market_positions):
        row = told.position(answer.user_id)
        anything = row.volume or row.payout or row.realized_pnl or row.fees_paid
        if told.settled_sequence is not None and wanted.includes(told.settled_ts_ms or 0) and anything:
            settled.append((told.settled_sequence, row.subaccount, place))
            summary.micros["payout_dollars"] += row.payout
            summary.micros["realized_pnl_dollars"] += row.realized_pnl
    yield [_of_row(answer, place) for _, _, place in sorted(settled)]


async def _fills(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The fills that stand, oldest first."""
    async for page in read_entries(session, wanted.query):
        summary.sequence = page.sequence
        yield [
            _of_fill(told.entry.sequence, told.entry.event, summary)
            for told in page.told
            if isinstance(told.entry.event, Fill) and told.bust is None and wanted.includes(told.entry.event.ts_ms)
        ]


async def _lots(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """The disposals, in the order of the journal; the whole history is gone through, whatever span is wanted."""
    rows = await _rows(session, wanted, summary)
    ledger = _ledger_of(rows)

    def some(disposals: Iterable[Disposal]) -> list[Row]:
        return [_of_disposal(one, summary) for one in disposals if wanted.includes(one.cause.ts_ms)]

    async for page in read_entries(session, wanted.query | {"sequence": str(rows.sequence)}):
        yield some(disposal for told in page.told for disposal in ledger.take(told))
    yield some(ledger.finish())
    _reconcile(ledger, rows)


async def _open_lots(session: ClientSession, wanted: Wanted, summary: Summary) -> AsyncIterator[list[Row]]:
    """What is held, by market and subaccount, the longest held first."""
    rows = await _rows(session, wanted, summary)
    ledger = _ledger_of(rows)
    async for page in read_entries(session, wanted.query | {"sequence": str(rows.sequence)}):
        for told in page.told:
            for _ in ledger.take(told):
                pass
    for _ in ledger.finish():
        pass
    _reconcile(ledger, rows)
    lots: list[Row] = []
    for (user_id, subaccount, ticker), lot in ledger.open_lots():
        side = "yes" if lot.is_yes else "no"
        counted = (lot.count_centi, lot.acquired_id, lot.acquired_ts_ms, lot.basis_micros, lot.fees_micros)
        lots.append((user_id, ticker, subaccount, side, *counted))
        summary.micros["basis_dollars"] += lot.basis_micros
    yield lots


TABLES = {
    "rows": Table(columns(_OF_ROW), _all_rows, takes_as_of=True),
    "fills": Table(columns(_OF_FILL), _fills, takes_span=True),
    "settlements": Table(columns(_OF_ROW), _settlements, takes_span=True, takes_as_of=True),
    "lots": Table(columns(_OF_DISPOSAL), _lots, takes_span=True),
    "open-lots": Table(columns(_OF_LOT), _open_lots),
}


async def _rows(session: ClientSession, wanted: Wanted, summary: Summary) -> HistoryAnswer:
    answer = await read_rows(session, wanted.query)
    summary.sequence = answer.sequence
    return answer


def _ledger_of(answer: HistoryAnswer) -> LotLedger:
    return LotLedger((row.position(answer.user_id).key, row.market()) for row in answer.market_positions)


def _reconcile(ledger: LotLedger, answer: HistoryAnswer) -> None:
    """Holds the lots of every row against the row. Raises RequestFailed: what does not add up is not written."""
    for told in answer.market_positions:
        row: Position = told.position(answer.user_id)
        violation = ledger.violation(row)
        if violation:
            raise RequestFailed(f"the lots of {row.user_id} in {row.market_ticker} do not add up: {violation}")


def _of_row(answer: HistoryAnswer, place: int) -> Row:
    told = answer.market_positions[place]
    row, market = told.position(answer.user_id), told.market()
    return (
        row.user_id,
        row.market_ticker,
        market.event_ticker,
        row.subaccount,
        *row[3:13],
        row.payout,
        market.result,
        market.value_bp,
        market.settled_ts_ms,
        row.sequence,
        row.ts_ms,
    )


def _of_fill(sequence: int, fill: Fill, summary: Summary) -> Row:
    price_bp = fill.yes_price_bp if fill.acquires_yes else DOLLAR_BP - fill.yes_price_bp
    cost, fee = fill.count_centi * price_bp, fill.fee_micros or 0
    summary.micros["cost_dollars"] += cost
    summary.micros["fee_cost_dollars"] += fee
    return (
        sequence,
        fill.trade_id,
        fill.order_id,
        fill.client_order_id,
        fill.user_id,
        fill.market_ticker,
        fill.subaccount,
        "yes" if fill.acquires_yes else "no",
        price_bp,
        fill.yes_price_bp,
        fill.count_centi,
        cost,
        fee,
        fill.is_taker,
        fill.ts_ms,
    )


def _of_disposal(disposal: Disposal, summary: Summary) -> Row:
    (user_id, subaccount, ticker), lot, cause, proceeds, fees = disposal
    side = None if lot is None else "yes" if lot.is_yes else "no"
    basis, acquisition_fees = (lot.basis_micros, lot.fees_micros) if lot else (0, 0)
    gain = disposal.gain_micros
    net_gain = gain - acquisition_fees - fees
    for name, micros in (("proceeds", proceeds), ("basis", basis), ("gain", gain), ("net_gain", net_gain)):
        summary.micros[f"{name}_dollars"] += micros
    acquired = (lot.acquired_id, lot.acquired_ts_ms) if lot else (None, None)
    disposed = (cause.kind, cause.disposed_id, cause.ts_ms)
    money = (proceeds, basis, gain, acquisition_fees, fees, net_gain)
    return (
        user_id,
        ticker,
        subaccount,
        side,
        lot.count_centi if lot else 0,
        *acquired,
        *disposed,
        *money,
        cause.sequence,
    )
