"""What happens in a run, and how each client must name and put it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeAlias

from tests.acceptance.http import fill, settlement

Row: TypeAlias = Mapping[str, Any]

# ---------------------------------------------------------------- streams: 10 YES are bought at 0.40, it ends with yes

TRADED = {"position": "10", "cost": "4", "realized": "0", "fees": "0.17", "volume": "10"}
SETTLED = {"position": "0", "cost": "0", "realized": "6", "fees": "0.17", "volume": "10"}
FILLED = {"count": "10", "price": "0.4", "fee": "0.17"}


class Naming(NamedTuple):
    """Where a client puts the numbers of a row, and what one of its units is."""

    position: Mapping[str, tuple[str, str]]
    fill: Mapping[str, tuple[str, str]]

    def right(self, row: Row, expected: Mapping[str, str], names: Mapping[str, tuple[str, str]]) -> bool:
        """Whether every number that the client names is there and right."""
        try:
            return all(
                Decimal(str(row[name])) * Decimal(unit) == Decimal(expected[number])
                for number, (name, unit) in names.items()
            )
        except (KeyError, InvalidOperation):
            return False


TEXTS = Naming(
    position={
        "position": ("position_fp", "1"),
        "cost": ("position_cost_dollars", "1"),
        "realized": ("realized_pnl_dollars", "1"),
        "fees": ("fees_paid_dollars", "1"),
        "volume": ("volume_fp", "1"),
    },
    fill={"count": ("count_fp", "1"), "price": ("yes_price_dollars", "1")},
)
INTEGERS = Naming(
    position={
        "position": ("position", "1"),
        "cost": ("position_cost", "0.0001"),
        "realized": ("realized_pnl", "0.0001"),
        "fees": ("fees_paid", "0.0001"),
        "volume": ("volume", "1"),
    },
    fill={"count": ("count", "1"), "price": ("yes_price", "0.01")},
)
# Decimals under the names without a suffix.
DECIMALS = Naming(
    position={
        "position": ("position", "1"),
        "cost": ("position_cost", "1"),
        "realized": ("realized_pnl", "1"),
        "fees": ("fees_paid", "1"),
        "volume": ("volume", "1"),
    },
    fill={"count": ("count", "1"), "price": ("yes_price", "1"), "fee": ("fee_cost", "1")},
)
# The names of a library for many venues: a side and a magnitude, nothing about fees paid or volume.
UNIFIED = Naming(
    position={"position": ("contracts", "1"), "realized": ("realized_pnl", "1")},
    fill={"count": ("quantity", "1"), "price": ("price", "1"), "fee": ("fee", "1")},
)

# ---------------------------------------------------------------- reads: 250 dollars are paid in, 10 YES of RAIN and
# 5 NO of SNOW are bought, and it does not snow

HISTORY = [
    {"type": "cash", "msg": {"cash_id": "c1", "user_id": "alice", "amount_dollars": "250.00"}},
    fill("r1", "alice", "RAIN", price="0.4000", fee="0.1700"),
    fill("s1", "alice", "SNOW", "no", count="5.00", price="0.3000", fee="0.0500"),
    settlement("SNOW", "no"),
]

OPEN = {"exchange_active": True, "trading_active": True}

# What each client makes of some fields: today's have models of today's names, older ones of those of 2025.
READ_TEXTS: dict[str, Any] = {
    "balance": {"balance": 249_28, "portfolio_value": 4_00},
    "status": OPEN,
    "positions": [
        {
            "ticker": "RAIN",
            "position_fp": "10.00",
            "market_exposure_dollars": "4.000000",
            "total_traded_dollars": "4.000000",
            "fees_paid_dollars": "0.170000",
            "realized_pnl_dollars": "0.000000",
        }
    ],
    "fills": [
        {"trade_id": "s1", "outcome_side": "no", "count_fp": "5.00", "no_price_dollars": "0.3000"},
        {"trade_id": "r1", "outcome_side": "yes", "count_fp": "10.00", "yes_price_dollars": "0.4000"},
    ],
    "settlements": [
        {
            "ticker": "SNOW",
            "market_result": "no",
            "no_count_fp": "5.00",
            "no_total_cost_dollars": "1.500000",
            "revenue": 500,
            "fee_cost": "0.050000",
        }
    ],
}
READ_INTEGERS: dict[str, Any] = {
    "balance": {"balance": 249_28, "portfolio_value": 4_00},
    "status": OPEN,
    "positions": [
        {
            "ticker": "RAIN",
            "position": 10,
            "market_exposure": 400,
            "total_traded": 400,
            "fees_paid": 17,
            "realized_pnl": 0,
        }
    ],
    "fills": [
        {"trade_id": "s1", "side": "no", "count": 5, "no_price": 30},
        {"trade_id": "r1", "side": "yes", "count": 10, "yes_price": 40},
    ],
    "settlements": [
        {"ticker": "SNOW", "market_result": "no", "no_count": 5, "no_total_cost": 150, "revenue": 500, "value": 0}
    ],
}
READ_DECIMALS: dict[str, Any] = {
    "balance": {"balance": 249_28, "balance_dollars": "249.2800", "portfolio_value": 4_00},
    "status": OPEN,
    "positions": [
        {
            "ticker": "RAIN",
            "position": "10.00",
            "market_exposure": "4.000000",
            "total_traded": "4.000000",
            "fees_paid": "0.170000",
            "realized_pnl": "0.000000",
        }
    ],
    "fills": [
        {"trade_id": "s1", "outcome_side": "no", "count": "5.00", "no_price": "0.3000"},
        {"trade_id": "r1", "outcome_side": "yes", "count": "10.00", "yes_price": "0.4000"},
    ],
    "settlements": [
        {"ticker": "SNOW", "market_result": "no", "no_count": "5.00", "no_total_cost": "1.500000", "revenue": 500}
    ],
}
# The first generation of the venue's own client.
READ_FIRST: dict[str, Any] = {
    "balance": {"balance": 249_28},
    "status": OPEN,
    "positions": [{"ticker": "RAIN", "position": 10}],
    "fills": [
        {"fill_id": "s1", "side": "no", "count": 5, "price": 0.7},
        {"fill_id": "r1", "side": "yes", "count": 10, "price": 0.4},
    ],
    "settlements": [{"ticker": "SNOW", "result": "no", "no_count": 5, "revenue": 500}],
}
READ_UNIFIED: dict[str, Any] = {
    "balance": {"total": "249.2800", "available": "249.2800"},
    "positions": [
        {
            "market_id": "kalshi:RAIN",
            "side": "long",
            "contracts": "10.00",
            "entry_price": "0.4000",
            "margin": "4.000000",
        }
    ],
    "fills": [
        {"id": "s1", "side": "sell", "quantity": "5.00", "price": "0.7000", "fee": "0.050000"},
        {"id": "r1", "side": "buy", "quantity": "10.00", "price": "0.4000", "fee": "0.170000"},
    ],
    "settlements": [
        {
            "market_id": "kalshi:SNOW",
            "held": "short",
            "result": "no",
            "quantity": "5.00",
            "payout": "5.00",
            "pnl": "3.450000",
        }
    ],
}


def named(answer: Any, expected: Any) -> Any:  # noqa: ANN401 - JSON
    """The fields of an answer, or of the rows of one, that an expectation names."""
    if isinstance(expected, list) and isinstance(answer, list) and len(expected) == len(answer):
        return [named(row, one) for row, one in zip(answer, expected, strict=True)]
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {name: answer.get(name) for name in expected}
    return answer
