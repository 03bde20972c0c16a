"""The fill: which side it acquired, at what price, how much of it (accounting, "Position"; interfaces, "Events in")."""

from sys import intern
from typing import Any

from openpositions.core.events import Fill
from openpositions.core.money import (
    CENT_BP,
    COUNT_DECIMALS,
    DOLLAR_BP,
    MONEY_DECIMALS,
    PRICE_DECIMALS,
    format_count,
    format_dollars_6,
    format_price,
)
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.fields import (
    check_ids,
    decimal,
    decimal_or_integer,
    invalid,
    missing,
    must_be,
    shown,
    time_ms,
)
from openpositions.wire.ingest.messages import FillMessage
from openpositions.wire.names import has_name_characters

# 10⁹ contracts (accounting, "Units").
_MAX_COUNT_CENTI = 100_000_000_000


def read_fill(message: FillMessage, arrival_ts_ms: int) -> Fill:
    """One execution of one user."""
    # Users and markets come again and again: one text for each takes less memory, and is compared by its address.
    trade_id, user_id, market_ticker = message.trade_id, intern(message.user_id), intern(message.market_ticker)
    order_id, client_order_id = message.order_id or "", message.client_order_id or ""
    if not has_name_characters(trade_id + user_id + market_ticker + order_id + client_order_id):
        check_ids(
            trade_id=trade_id,
            user_id=user_id,
            market_ticker=market_ticker,
            order_id=order_id,
            client_order_id=client_order_id,
        )
    return Fill(
        trade_id,
        user_id,
        _subaccount(message),
        market_ticker,
        _acquires_yes(message),
        _yes_price_bp(message),
        _count_centi(message),
        decimal("fee_cost", message.fee_cost, MONEY_DECIMALS),
        time_ms(message.ts_ms, message.ts, arrival_ts_ms),
        message.is_taker or False,
        order_id,
        client_order_id,
    )


def fill_fields(fill: Fill) -> dict[str, Any]:
    """The fields from which `read_fill` makes this fill again; one that states no fee has no field for it."""
    fee = {} if fill.fee_micros is None else {"fee_cost": format_dollars_6(fill.fee_micros)}
    return {
        "trade_id": fill.trade_id,
        "user_id": fill.user_id,
        "subaccount": fill.subaccount,
        "market_ticker": fill.market_ticker,
        "outcome_side": "yes" if fill.acquires_yes else "no",
        "yes_price_dollars": format_price(fill.yes_price_bp),
        "count_fp": format_count(fill.count_centi),
        **fee,
        "is_taker": fill.is_taker,
        "order_id": fill.order_id,
        "client_order_id": fill.client_order_id,
        "ts_ms": fill.ts_ms,
    }


def _subaccount(message: FillMessage) -> int:
    """The subaccount, under the name of the frames or of the REST rows."""
    stated, rest = message.subaccount, message.subaccount_number
    if stated is None:
        return rest or 0
    if rest is not None and rest != stated:
        raise invalid("subaccount", f"subaccount {stated} and subaccount_number {rest} must be the same")
    return stated


def _acquires_yes(message: FillMessage) -> bool:
    """Whether YES was acquired: `outcome_side` says it, else `book_side`, else the words of a socket frame."""
    outcome, book = message.outcome_side, message.book_side
    if book is None:
        return _frame_acquires_yes(message) if outcome is None else outcome == "yes"
    if outcome is not None and (outcome == "yes") != (book == "bid"):
        raise invalid("outcome_side", f"outcome_side {outcome} contradicts book_side {book}: a bid acquires yes")
    return book == "bid"


def _frame_acquires_yes(message: FillMessage) -> bool:
    """Whether YES was acquired: `purchased_side` says it, else the documented pair, buying YES or selling NO.

    Captured REST rows break that pair, so a fill that looks like one is refused.
    """
    for field in ("fill_id", "created_time", "subaccount_number"):
        if getattr(message, field) is not None:
            raise InvalidInput(
                "outcome_side",
                f"{field} tells a REST row, whose side and action may mean two things: "
                "state outcome_side or book_side, or ingest it with --from kalshi-rest",
                code="ambiguous_side",
            )
    if message.purchased_side:
        return _one_of("purchased_side", message.purchased_side, "yes", "no") == "yes"
    if message.action is None or message.side is None:
        raise missing("outcome_side", ": a fill states outcome_side, or book_side, or both action and side")
    buys = _one_of("action", message.action, "buy", "sell") == "buy"
    return buys == (_one_of("side", message.side, "yes", "no") == "yes")


def _one_of(field: str, stated: str, *allowed: str) -> str:
    if stated not in allowed:
        raise must_be(field, " or ".join(allowed), stated)
    return stated


def _yes_price_bp(message: FillMessage) -> int:
    text = message.yes_price_dollars
    if text is not None and message.yes_price is None and message.no_price_dollars is None and message.no_price is None:
        # The common form, read without looking for the others.
        price_bp = decimal("yes_price_dollars", text, PRICE_DECIMALS)
        if price_bp is None or not 0 < price_bp < DOLLAR_BP:
            raise _out_of_range(message)
        return price_bp
    yes_bp = decimal_or_integer(
        "yes_price_dollars", message.yes_price_dollars, PRICE_DECIMALS, "yes_price", message.yes_price
    )
    no_bp = decimal_or_integer(
        "no_price_dollars", message.no_price_dollars, PRICE_DECIMALS, "no_price", message.no_price
    )
    if yes_bp is None:
        if no_bp is None:
            raise missing("yes_price_dollars", ": a fill states yes_price_dollars or no_price_dollars")
        price_bp = DOLLAR_BP - no_bp
    elif no_bp is None or yes_bp + no_bp == DOLLAR_BP:
        price_bp = yes_bp
    else:
        price_bp = _price_of_both(message, yes_bp, no_bp)
    if not 0 < price_bp < DOLLAR_BP:
        raise _out_of_range(message)
    return price_bp


def _price_of_both(message: FillMessage, yes_bp: int, no_bp: int) -> int:
    """The YES price where YES and NO price do not add to 1: right only if one is text and the other in whole cents.

    Then the cents are a rounded view of what the text implies, and must lie within one unit of it.
    """
    yes, no = message.yes_price_dollars, message.no_price_dollars
    if (yes is None) == (no is None) or abs(yes_bp + no_bp - DOLLAR_BP) > CENT_BP:
        yes_field, no_field = (
            "yes_price" if yes is None else "yes_price_dollars",
            "no_price" if no is None else "no_price_dollars",
        )
        stated = f"{yes_field} {shown(yes or message.yes_price)} and {no_field} {shown(no or message.no_price)}"
        raise invalid(yes_field, f"{stated} must add to exactly 1 dollar")
    return DOLLAR_BP - no_bp if yes is None else yes_bp


def _out_of_range(message: FillMessage) -> InvalidInput:
    for field in ("yes_price_dollars", "no_price_dollars", "yes_price", "no_price"):
        stated = getattr(message, field)
        if stated is not None:
            break
    allowed = "from 0.0001 to 0.9999 dollar" if field.endswith("_dollars") else "from 1 to 99 cents"
    return must_be(field, allowed, stated)


def _count_centi(message: FillMessage) -> int:
    count_centi = decimal_or_integer("count_fp", message.count_fp, COUNT_DECIMALS, "count", message.count)
    if count_centi is None:
        raise missing("count_fp", ": a fill states count_fp or count")
    if not 0 < count_centi <= _MAX_COUNT_CENTI:
        field = "count" if message.count_fp is None else "count_fp"
        raise must_be(field, "more than 0 and at most 1000000000 contracts", getattr(message, field))
    return count_centi
