"""Events in few words. Numbers are in the core's units; an underscore stands where the decimal point would be.

So `10_00` are 10 contracts and `4_000000` are 4 dollars. A price of 4000 is 0.40 dollars, of the side that is bought.
"""

from openpositions.core.events import Adjustment, Bust, Cash, Declaration, Determination, Fill, Mark, Settlement

VALUES = {"yes": 10_000, "no": 0, "void": None}


def bought_yes(
    trade_id: str,
    count: int = 10_00,
    price: int = 4000,
    *,
    fee: int | None = 0,
    user: str = "alice",
    subaccount: int = 0,
    ticker: str = "RAIN",
    ts_ms: int = 0,
) -> Fill:
    """A fill that acquired YES contracts."""
    return Fill(trade_id, user, subaccount, ticker, True, price, count, fee, ts_ms)  # noqa: FBT003 - a field of the fill


def bought_no(
    trade_id: str,
    count: int = 10_00,
    price: int = 6000,
    *,
    fee: int | None = 0,
    user: str = "alice",
    subaccount: int = 0,
    ticker: str = "RAIN",
    ts_ms: int = 0,
) -> Fill:
    """A fill that acquired NO contracts, at the price of a NO."""
    return Fill(trade_id, user, subaccount, ticker, False, 10_000 - price, count, fee, ts_ms)  # noqa: FBT003 - as above


def settled(result: str, value: int | None = None, *, ticker: str = "RAIN", ts_ms: int = 0) -> Settlement:
    """A settlement; only `scalar` needs a value."""
    return Settlement(ticker, result, VALUES.get(result, value), ts_ms)


def determined(result: str, value: int | None = None, *, ticker: str = "RAIN", ts_ms: int = 0) -> Determination:
    """A determination; only `scalar` needs a value."""
    return Determination(ticker, result, VALUES.get(result, value), ts_ms)


def adjusted(
    adjustment_id: str,
    *,
    position: int = 0,
    cost: int = 0,
    realized_pnl: int = 0,
    fees: int = 0,
    cash: int = 0,
    reason: str = "correction",
    user: str = "alice",
    subaccount: int = 0,
    ticker: str = "RAIN",
    ts_ms: int = 0,
) -> Adjustment:
    """An adjustment of whatever is given."""
    return Adjustment(adjustment_id, user, subaccount, ticker, position, cost, realized_pnl, fees, cash, reason, ts_ms)


def busted(
    bust_id: str, trade_id: str, *, user: str | None = None, subaccount: int | None = None, ts_ms: int = 0
) -> Bust:
    """A bust for everybody in the trade, or for one user."""
    return Bust(bust_id, trade_id, user, subaccount, ts_ms)


def paid_in(cash_id: str, amount: int, *, user: str = "alice", subaccount: int = 0, ts_ms: int = 0) -> Cash:
    """A deposit, or a withdrawal where the amount is negative."""
    return Cash(cash_id, user, subaccount, amount, ts_ms)


def declared(event_ticker: str, title: str = "", *, ticker: str = "RAIN", ts_ms: int = 0) -> Declaration:
    """A declaration of a market."""
    return Declaration(ticker, event_ticker, title, ts_ms)


def marked(price: int | None, *, ticker: str = "RAIN", ts_ms: int = 0) -> Mark:
    """A mark of a market; None says that its price is unknown now."""
    return Mark(ticker, price, ts_ms)
