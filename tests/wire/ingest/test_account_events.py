"""Adjustments, busts and cash as they are fed in."""

import pytest

from openpositions.core.events import Adjustment, Bust, Cash
from tests.wire.event_lines import ARRIVAL_TS_MS, event_of, line, refusal_of


def test_adjustment_states_signed_changes() -> None:
    """Contracts in hundredths, money in millionths."""
    document = line(
        "adjustment",
        adjustment_id="a1",
        user_id="alice",
        subaccount=2,
        market_ticker="RAIN",
        position_fp="-100.50",
        cost_dollars="40.000001",
        realized_pnl_dollars="-3",
        fees_paid_dollars="0.25",
        cash_dollars="-43",
        reason="migrated from the old ledger",
        ts_ms=5,
    )

    assert event_of(document) == Adjustment(
        "a1",
        "alice",
        2,
        "RAIN",
        -10_050,
        40_000_001,
        -3_000_000,
        250_000,
        -43_000_000,
        "migrated from the old ledger",
        5,
    )


def test_what_an_adjustment_does_not_state_does_not_change() -> None:
    """Every change is 0 unless given."""
    document = line("adjustment", adjustment_id="a1", user_id="alice", market_ticker="RAIN", reason="a note")

    assert event_of(document) == Adjustment("a1", "alice", 0, "RAIN", 0, 0, 0, 0, 0, "a note", ARRIVAL_TS_MS)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({}, "missing_field"),
        ({"reason": ""}, "invalid_reason"),
        ({"reason": "a\nb"}, "invalid_reason"),
        ({"reason": "r", "position_fp": "1.001"}, "invalid_position"),
        ({"reason": "r", "position_fp": 100}, "invalid_position"),
        ({"reason": "r", "cost_dollars": "0.0000001"}, "invalid_cost"),
        ({"reason": "r", "realized_pnl_dollars": "1e3"}, "invalid_realized_pnl"),
        ({"reason": "r", "fees_paid_dollars": "9223372036855"}, "invalid_fees_paid"),
        ({"reason": "r", "cash_dollars": 1.5}, "invalid_cash"),
        ({"reason": "r", "user_id": "a b"}, "invalid_user_id"),
    ],
)
def test_adjustment_that_is_none_is_refused(stated: dict[str, object], code: str) -> None:
    """It has a reason, and numbers that fit their unit and 64 bits."""
    whole = {"adjustment_id": "a1", "user_id": "alice", "market_ticker": "RAIN", **stated}

    assert refusal_of(line("adjustment", **whole)).code == code


@pytest.mark.parametrize(
    ("stated", "user_id", "subaccount"),
    [({}, None, None), ({"user_id": "alice"}, "alice", None), ({"user_id": "alice", "subaccount": 0}, "alice", 0)],
)
def test_bust_is_for_everybody_or_for_one(
    stated: dict[str, object], user_id: str | None, subaccount: int | None
) -> None:
    """What it does not name it does not limit: the main subaccount is one only when stated."""
    assert event_of(line("bust", bust_id="b1", trade_id="t1", **stated)) == Bust(
        "b1", "t1", user_id, subaccount, ARRIVAL_TS_MS
    )


def test_bust_names_its_trade() -> None:
    """Without it there is nothing to bust."""
    assert refusal_of(line("bust", bust_id="b1")).message == "trade_id is missing"


@pytest.mark.parametrize(("amount", "micros"), [("250.00", 250_000_000), ("-0.000001", -1)])
def test_cash_is_paid_in_or_out(amount: str, micros: int) -> None:
    """A withdrawal is negative."""
    document = line("cash", cash_id="c1", user_id="alice", subaccount=1, amount_dollars=amount, ts=7)

    assert event_of(document) == Cash("c1", "alice", 1, micros, 7_000)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({}, "missing_field"),
        ({"amount_dollars": 250}, "invalid_amount"),
        ({"amount_dollars": "lots"}, "invalid_amount"),
        ({"amount_dollars": "1", "cash_id": "a b"}, "invalid_cash_id"),
    ],
)
def test_cash_that_is_none_is_refused(stated: dict[str, object], code: str) -> None:
    """It states an amount, as text."""
    assert refusal_of(line("cash", **{"cash_id": "c1", "user_id": "alice", **stated})).code == code
