"""The columns of the tables that `openpositions export` writes, and a row of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from openpositions.cli.export.columns import Value, columns
from openpositions.core.money import DOLLAR_BP, MONEY_DECIMALS, parse_fixed

if TYPE_CHECKING:
    from openpositions.core.events import Fill
    from openpositions.core.lots import Disposal, Lot
    from openpositions.core.position import RowKey
    from openpositions.wire.rest.history_page import HistoryAnswer
    from openpositions.wire.rest.series_body import SeriesAnswer, SeriesPoint

Row = tuple[Value, ...]

OF_ROW = columns(
    "user_id market_ticker event_ticker subaccount position_fp position_cost_dollars realized_pnl_dollars"
    " fees_paid_dollars position_fee_cost_dollars yes_volume_fp yes_traded_dollars no_volume_fp no_traded_dollars"
    " received_dollars payout_dollars market_result settlement_value_dollars settled_ts sequence last_updated_ts"
)
OF_FILL = columns(
    "sequence trade_id order_id client_order_id user_id market_ticker subaccount side price_dollars yes_price_dollars"
    " count_fp cost_dollars fee_cost_dollars is_taker filled_ts"
)
OF_DISPOSAL = columns(
    "user_id market_ticker subaccount side count_fp acquired_id acquired_ts disposed_by disposed_id disposed_ts"
    " proceeds_dollars basis_dollars gain_dollars acquisition_fees_dollars disposal_fees_dollars net_gain_dollars"
    " sequence"
)
OF_POINT = columns(
    "user_id market_ticker before_ts realized_pnl_dollars unrealized_pnl_dollars total_pnl_dollars fees_paid_dollars"
    " exposure_dollars open_markets unmarked_markets"
)
OF_LOT = columns(
    "user_id market_ticker subaccount side count_fp acquired_id acquired_ts basis_dollars acquisition_fees_dollars"
)


class Summary:
    """What was written, for whoever wants to check it."""

    def __init__(self) -> None:
        self.rows = 0
        self.sequence = 0
        """The journal as of which the table is."""
        self.micros: Counter[str] = Counter()
        """Sums of columns of money."""


def of_row(answer: HistoryAnswer, place: int) -> Row:
    """One of the rows of an answer."""
    line = answer.market_positions[place]
    row, market = line.position(answer.user_id), line.market()
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


def of_fill(sequence: int, fill: Fill, summary: Summary) -> Row:
    """A fill, at the price of the side acquired."""
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


def of_disposal(disposal: Disposal, summary: Summary) -> Row:
    """A disposal of a lot, or of none."""
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


def of_lot(key: RowKey, lot: Lot, summary: Summary) -> Row:
    """A lot that is held."""
    user_id, subaccount, ticker = key
    summary.micros["basis_dollars"] += lot.basis_micros
    side = "yes" if lot.is_yes else "no"
    acquired = (lot.acquired_id, lot.acquired_ts_ms, lot.basis_micros, lot.fees_micros)
    return (user_id, ticker, subaccount, side, lot.count_centi, *acquired)


def of_point(answer: SeriesAnswer, point: SeriesPoint) -> Row:
    """A point of a series."""
    return (
        answer.user_id,
        answer.market_ticker,
        point.ts_ms,
        *map(_micros, (point.realized_pnl_dollars, point.unrealized_pnl_dollars, point.total_pnl_dollars)),
        *map(_micros, (point.fees_paid_dollars, point.exposure_dollars)),
        point.open_markets,
        point.unmarked_markets,
    )


def _micros(text: str | None) -> int | None:
    return None if text is None else parse_fixed(text, MONEY_DECIMALS)
