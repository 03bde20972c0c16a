"""Programs written for the venue, unmodified but for the address, follow positions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.programs import Program, Running, running
from tests.acceptance.service import Service

Numbers: TypeAlias = dict[str, dict[str, Any]]
"""What a row says besides whose it is, by dialect."""

TYPED, TYPED_IN_A_THREAD = (Program("pykalshi-2.0.0", f"pykalshi_{kind}") for kind in ("async_feed", "feed"))
OLDER, OLDER_IN_A_THREAD = (Program("pykalshi-0.3.7", f"pykalshi_{kind}") for kind in ("async_feed", "feed"))
RAW = Program("kalshi-python-unofficial-0.0.1", "unofficial_client")

# For names that no other test uses.
NUMBERS = count()

# pykalshi 2.0.0 has a model of dialect 2026 and ignores other names; the others hand over whatever comes.
UNDERSTOOD = [
    *((program, "both") for program in (TYPED, TYPED_IN_A_THREAD, OLDER, OLDER_IN_A_THREAD, RAW)),
    *((program, "2026") for program in (TYPED, OLDER, RAW)),
    *((program, "2025") for program in (OLDER, RAW)),
]
TRADED: Numbers = {
    "2025": {"position": 10, "position_cost": 40000, "realized_pnl": 0, "fees_paid": 1700, "volume": 10},
    "2026": {
        "position_fp": "10.00",
        "position_cost_dollars": "4.0000",
        "realized_pnl_dollars": "0.0000",
        "fees_paid_dollars": "0.1700",
        "position_fee_cost_dollars": "0.1700",
        "volume_fp": "10.00",
    },
}
SETTLED: Numbers = {
    "2025": {"position": 0, "position_cost": 0, "realized_pnl": 60000, "fees_paid": 1700, "volume": 10},
    "2026": {
        "position_fp": "0.00",
        "position_cost_dollars": "0.0000",
        "realized_pnl_dollars": "6.0000",
        "fees_paid_dollars": "0.1700",
        "position_fee_cost_dollars": "0.0000",
        "volume_fp": "10.00",
    },
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Callable[[str], Service]]:
    """The service that speaks a dialect unless told otherwise."""
    services: dict[str, Service] = {}
    with ExitStack() as stack:

        def started(dialect: str) -> Service:
            if dialect not in services:
                service = Service(tmp_path_factory.mktemp("service"), rsa_key, wire=dialect)
                service.add_key("alice")
                services[dialect] = stack.enter_context(service)
            return services[dialect]

        yield started


@pytest.mark.parametrize("filtered", [False, True], ids=["every market", "named markets"])
@pytest.mark.parametrize(("program", "dialect"), UNDERSTOOD, ids=str)
async def test_a_program_follows_positions(
    serving: Callable[[str], Service], program: Program, dialect: str, *, filtered: bool
) -> None:
    """It gets the row after a trade and after the settlement; where it named markets, of those only."""
    service = serving(dialect)
    probe, own, other = (f"{name}-{next(NUMBERS)}".upper() for name in ("probe", "own", "other"))
    tickers = [probe, own] if filtered else []
    async with running(service, program, "alice", "market_positions", *tickers) as listening:
        await until_it_listens(service, probe, listening)
        bought = {"price": "0.4000", "fee": "0.1700"}
        await feed(service, fill(f"{other}-1", "alice", other, **bought), fill(f"{own}-1", "alice", own, **bought))
        await feed(service, settlement(own, "yes"))
        rows: list[dict[str, Any]] = []
        while sum(message["market_ticker"] == own for message in rows) < 2:
            message = await listening.next_row()
            if message["market_ticker"] != probe:
                rows.append(message)
    assert rows == [
        *([] if filtered else [row(other, TRADED, program, dialect)]),
        row(own, TRADED, program, dialect),
        row(own, SETTLED, program, dialect),
    ]


async def until_it_listens(service: Service, probe: str, program: Running) -> None:
    """Trades in a market until the program tells of it: some keep to themselves when they are subscribed."""
    heard = asyncio.create_task(program.next_row())
    for number in count():
        await feed(service, fill(f"{probe}-{number}", "alice", probe))
        done, _ = await asyncio.wait([heard], timeout=0.1)
        if done:
            await heard
            return


def row(ticker: str, numbers: Numbers, program: Program, dialect: str) -> dict[str, Any]:
    """What a program makes of a row in a dialect."""
    known = ["2026"] if program.environment == TYPED.environment else ["2025", "2026"]
    seen = {name: value for one in known if dialect in {one, "both"} for name, value in numbers[one].items()}
    return {"user_id": "alice", "market_ticker": ticker, **seen}
