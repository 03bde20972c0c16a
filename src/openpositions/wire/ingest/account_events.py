"""Events that change accounts without a trade: adjustments, busts, deposits and withdrawals."""

from openpositions.core.events import Adjustment, Bust, Cash
from openpositions.core.money import COUNT_DECIMALS, MONEY_DECIMALS
from openpositions.wire.ingest.fields import check_ids, check_line, decimal, time_ms
from openpositions.wire.ingest.messages import AdjustmentMessage, BustMessage, CashMessage


def read_adjustment(message: AdjustmentMessage, arrival_ts_ms: int) -> Adjustment:
    """Signed changes, each 0 unless given (accounting, "Other events")."""
    check_ids(adjustment_id=message.adjustment_id, user_id=message.user_id, market_ticker=message.market_ticker)
    return Adjustment(
        message.adjustment_id,
        message.user_id,
        message.subaccount or 0,
        message.market_ticker,
        decimal("position_fp", message.position_fp, COUNT_DECIMALS) or 0,
        decimal("cost_dollars", message.cost_dollars, MONEY_DECIMALS) or 0,
        decimal("realized_pnl_dollars", message.realized_pnl_dollars, MONEY_DECIMALS) or 0,
        decimal("fees_paid_dollars", message.fees_paid_dollars, MONEY_DECIMALS) or 0,
        decimal("cash_dollars", message.cash_dollars, MONEY_DECIMALS) or 0,
        check_line("reason", message.reason),
        time_ms(message.ts_ms, message.ts, arrival_ts_ms),
    )


def read_bust(message: BustMessage, arrival_ts_ms: int) -> Bust:
    """A trade that did not happen: for everybody, or for the user and subaccount it names."""
    check_ids(bust_id=message.bust_id, trade_id=message.trade_id, user_id=message.user_id)
    return Bust(
        message.bust_id,
        message.trade_id,
        message.user_id,
        message.subaccount,
        time_ms(message.ts_ms, message.ts, arrival_ts_ms),
    )


def read_cash(message: CashMessage, arrival_ts_ms: int) -> Cash:
    """A deposit, or with a minus a withdrawal."""
    check_ids(cash_id=message.cash_id, user_id=message.user_id)
    return Cash(
        message.cash_id,
        message.user_id,
        message.subaccount or 0,
        decimal("amount_dollars", message.amount_dollars, MONEY_DECIMALS) or 0,
        time_ms(message.ts_ms, message.ts, arrival_ts_ms),
    )
