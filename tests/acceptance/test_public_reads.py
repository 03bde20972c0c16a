"""Programs written for the venue, unmodified but for the address, read the portfolio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.programs import Program, running
from tests.acceptance.service import Service

# 250 dollars are paid in, 10 YES of RAIN and 5 NO of SNOW are bought, and it does not snow.
HISTORY = [
    {"type": "cash", "msg": {"cash_id": "c1", "user_id": "alice", "amount_dollars": "250.00"}},
    fill("r1", "alice", "RAIN", price="0.4000", fee="0.1700"),
    fill("s1", "alice", "SNOW", "no", count="5.00", price="0.3000", fee="0.0500"),
    settlement("SNOW", "no"),
]


# What each client makes of some fields: pykalshi 2.0.0 has models of today's names, 0.3.7 of those of 2025.
TEXTS = {
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
INTEGERS = {
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


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service where alice has a history."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    service.add_key("alice")
    with service:
        asyncio.run(feed(service, *HISTORY))
        yield service


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (Program("pykalshi-2.0.0", "pykalshi_reads.py"), TEXTS),
        (Program("pykalshi-0.3.7", "pykalshi_reads.py"), INTEGERS),
        (Program("kalshi-python-unofficial-0.0.1", "unofficial_reads.py"), TEXTS),
        (Program("kalshi-python-unofficial-0.0.1", "unofficial_reads.py"), INTEGERS),
    ],
    ids=["pykalshi 2.0.0", "pykalshi 0.3.7", "unofficial, texts", "unofficial, integers"],
)
async def test_a_program_reads_the_portfolio(
    service: Service, program: Program, expected: dict[str, list[dict[str, Any]]]
) -> None:
    """Positions, fills, settlements and balance, parsed by the models of the client where it has some."""
    async with running(service, program, "alice") as output:
        answers = json.loads(await output.read())
    assert answers["balance"]["balance"] == 249_28
    assert answers["balance"]["portfolio_value"] == 4_00
    assert answers["status"] == {"exchange_active": True, "trading_active": True}
    for read, rows in expected.items():
        assert [named(row, expectation) for row, expectation in zip(answers[read], rows, strict=True)] == rows


def named(row: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row that have these names."""
    return {name: row.get(name) for name in names}
