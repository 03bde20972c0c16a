"""Profit and loss over time, over HTTP."""

from pathlib import Path

import pytest

from tests.events import bought_yes, settled
from tests.server.past import json_of, reading

HOUR = 3_600_000
PNL = "/v1/pnl/history"
EVERY = 'every must be a length of time from 1s to 366d such as "15m", "1h" or "1d"'
TIME = 'since must be Unix milliseconds from 0 to 253402300799999, or a time with a zone such as "2026-01-31T00:00:00Z"'
TOO_SHORT = "every is too short: 86401 points, at most 10000; make it 9s or longer, or narrow since, until or ticker"


async def test_profit_and_loss_over_time(tmp_path: Path) -> None:
    """By the hour; what is unknown is null."""
    events = (bought_yes("t1", fee=7, ts_ms=HOUR), bought_yes("t1", user="bob"), settled("yes", ts_ms=3 * HOUR))
    async with reading(tmp_path, *events) as client:
        answer = await json_of(client, PNL, ticker="RAIN")

    assert answer == {
        "user_id": "alice",
        "market_ticker": "RAIN",
        "every_ms": HOUR,
        "sequence": 3,
        "points": [
            {
                "ts_ms": 2 * HOUR,
                "time": "1970-01-01T02:00:00.000000Z",
                "realized_pnl_dollars": "0.000000",
                "unrealized_pnl_dollars": None,
                "total_pnl_dollars": None,
                "fees_paid_dollars": "0.000007",
                "exposure_dollars": "4.000000",
                "open_markets": 1,
                "unmarked_markets": 1,
            },
            {
                "ts_ms": 4 * HOUR,
                "time": "1970-01-01T04:00:00.000000Z",
                "realized_pnl_dollars": "6.000000",
                "unrealized_pnl_dollars": "0.000000",
                "total_pnl_dollars": "6.000000",
                "fees_paid_dollars": "0.000007",
                "exposure_dollars": "0.000000",
                "open_markets": 0,
                "unmarked_markets": 0,
            },
        ],
    }


@pytest.mark.parametrize(
    ("parameters", "times"),
    [
        ({"every": "30m"}, [1.5, 3.5]),
        ({"every": "2h"}, [2, 4]),
        ({"every": "1d"}, [24]),
        ({"since": 3 * HOUR}, [3, 4]),
        ({"until": "1970-01-01T03:00:00Z"}, [2]),
        ({"subaccount": 3}, []),
    ],
)
async def test_series_is_narrowed(tmp_path: Path, parameters: dict[str, object], times: list[float]) -> None:
    """To steps of another length, to a span of time, to a subaccount."""
    async with reading(tmp_path, bought_yes("t1", ts_ms=HOUR), settled("yes", ts_ms=3 * HOUR)) as client:
        answer = await json_of(client, PNL, **parameters)

    assert [point["ts_ms"] / HOUR for point in answer["points"]] == times


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"every": "h"}, f"{EVERY}, not 'h'"),
        ({"every": "0s"}, f"{EVERY}, not '0s'"),
        ({"every": "367d"}, f"{EVERY}, not '367d'"),
        ({"since": "now"}, f"{TIME}, not 'now'"),
        ({"every": "1s"}, TOO_SHORT),
    ],
)  # fmt: skip
async def test_bad_parameter_of_a_series_is_answered_400(
    tmp_path: Path, parameters: dict[str, str], message: str
) -> None:
    """It is named, with what is allowed."""
    async with reading(tmp_path, bought_yes("t1", ts_ms=0), bought_yes("t2", ts_ms=24 * HOUR)) as client:
        response = await client.get(PNL, params=parameters)
        answer = await response.json()

    assert (response.status, answer) == (400, {"error": {"code": "invalid_parameter", "message": message}})


async def test_owner_asks_for_all_users_of_a_market(tmp_path: Path) -> None:
    """Through the control socket, naming no user; whoever signs a request is one."""
    events = (bought_yes("t1", ts_ms=HOUR), bought_yes("t1", user="bob", ts_ms=HOUR), settled("yes", ts_ms=HOUR))
    async with reading(tmp_path, *events, user="") as client:
        answer = await json_of(client, PNL, ticker="RAIN")
        refused = await client.get(PNL)

    assert (answer["user_id"], [point["realized_pnl_dollars"] for point in answer["points"]]) == (None, ["12.000000"])
    assert refused.status == 400
