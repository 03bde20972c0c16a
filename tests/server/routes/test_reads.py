"""The REST reads over HTTP, on a book that real events made."""

import pytest

from tests.events import bought_no, bought_yes, busted, marked, paid_in, settled
from tests.journaled_book import book_after
from tests.server.reading import (
    BALANCE,
    FILLS,
    LIMITS,
    POSITIONS,
    SETTLEMENTS,
    STATUS,
    json_of,
    reading,
    text_of,
)


async def test_positions() -> None:
    """The rows of the caller, and of nobody else."""
    journaled = book_after(bought_yes("t1", ticker="RAIN-MON"), bought_no("t1", ticker="RAIN-MON", user="bob"))

    async with reading(journaled) as client:
        assert await text_of(client, POSITIONS) == (
            '{"cursor":"","event_positions":[{"event_exposure":400,"event_exposure_dollars":"4.000000",'
            '"event_ticker":"RAIN","fees_paid":0,"fees_paid_dollars":"0.000000","realized_pnl":0,'
            '"realized_pnl_dollars":"0.000000","total_cost":400,"total_cost_dollars":"4.000000","total_cost_shares":10,'
            '"total_cost_shares_fp":"10.00"}],"market_positions":[{"exchange_index":0,"fees_paid":0,'
            '"fees_paid_dollars":"0.000000","last_updated_ts":"1970-01-01T00:00:00.000000Z","market_exposure":400,'
            '"market_exposure_dollars":"4.000000","position":10,"position_fp":"10.00","realized_pnl":0,'
            '"realized_pnl_dollars":"0.000000","resting_orders_count":0,"ticker":"RAIN-MON","total_traded":400,'
            '"total_traded_dollars":"4.000000"}]}'
        )


async def test_fills() -> None:
    """Of the caller only, newest first, and none that a bust felled."""
    journaled = book_after(
        bought_yes("t1"), bought_yes("t2", user="bob"), bought_yes("t3"), bought_yes("t4"), busted("b1", "t3")
    )

    async with reading(journaled) as client:
        answer = await json_of(client, FILLS)

    assert [fill["trade_id"] for fill in answer["fills"]] == ["t4", "t1"]


async def test_settlements() -> None:
    """Of the caller only."""
    journaled = book_after(bought_yes("t1"), bought_no("t1", user="bob"), settled("yes"))

    async with reading(journaled) as client:
        answer = await json_of(client, SETTLEMENTS)

    assert [(row["ticker"], row["revenue"], row["yes_total_cost"]) for row in answer["settlements"]] == [
        ("RAIN", 1000, 400)
    ]


async def test_balance() -> None:
    """Deposits of all subaccounts less what the fills paid, and the value of what is held."""
    journaled = book_after(
        paid_in("c1", 999_000000),
        paid_in("c2", 1_000000, subaccount=2),
        paid_in("c3", 7_000000, user="bob"),
        bought_no("t1", 1_00, 5200, fee=17500),
        marked(4800),
    )

    async with reading(journaled) as client:
        assert await text_of(client, BALANCE) == (
            '{"balance":99946,"balance_breakdown":[{"balance":"999.4625","exchange_index":0}],'
            '"balance_dollars":"999.4625","portfolio_value":52,"unmarked_markets":[],"updated_ts":1783302928}'
        )


async def test_limits() -> None:
    """The rate that is really allowed."""
    async with reading(book_after()) as client:
        assert await text_of(client, LIMITS) == (
            '{"grants":[],"read":{"bucket_capacity":200,"refill_rate":200},"usage_tier":"basic",'
            '"write":{"bucket_capacity":100,"refill_rate":100}}'
        )


async def test_status_needs_no_caller() -> None:
    """Nobody signs that request."""
    async with reading(book_after()) as client:
        assert await text_of(client, STATUS) == '{"exchange_active":true,"trading_active":true}'


async def test_status_says_that_no_events_are_taken() -> None:
    """After a failure of the disk what is durable can still be read."""
    async with reading(book_after(), takes_events=False) as client:
        assert await text_of(client, STATUS) == '{"exchange_active":false,"trading_active":false}'


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        (POSITIONS, {"limit": "0"}, "limit must be an integer from 1 to 1000, not '0'"),
        (POSITIONS, {"cursor": "x"}, "cursor must be one that this read answered with, not 'x'"),
        (FILLS, {"max_ts": "soon"}, "max_ts must be Unix seconds, an integer from 0 to 253402300799, not 'soon'"),
        (
            SETTLEMENTS,
            {"ticker": "a b"},
            "ticker must be 1-128 printable ASCII characters without spaces, not 'a b'",
        ),
        (BALANCE, {"subaccount": "all"}, "subaccount must be an integer from 0 to 2147483647, not 'all'"),
    ],
)
async def test_bad_parameter_is_answered_400(path: str, parameters: dict[str, str], message: str) -> None:
    """It is named, and nothing is guessed."""
    async with reading(book_after()) as client:
        response = await client.get(path, params=parameters)
        answer = await response.json()

    assert (response.status, answer) == (400, {"error": {"code": "invalid_parameter", "message": message}})


async def test_all_pages_of_many_rows() -> None:
    """More rows than are gone over in one slice, while fills go on changing them and bringing new ones."""
    journaled = book_after(*(bought_yes(f"t{number}", ticker=f"M{number:04d}-X") for number in range(2_500)))
    listed: list[str] = []
    events: list[str] = []
    cursor = ""

    async with reading(journaled) as client:
        while True:
            page = await json_of(client, POSITIONS, limit="1000", cursor=cursor)
            listed += [row["ticker"] for row in page["market_positions"]]
            events += [row["event_ticker"] for row in page["event_positions"]]
            cursor = page["cursor"]
            if not cursor:
                break
            journaled.feed(bought_yes(f"again{len(listed)}", ticker="M1999-X"), bought_yes(cursor, ticker="M0000-A"))

    assert listed == [f"M{number:04d}-X" for number in range(2_500)]
    assert events == [f"M{number:04d}" for number in range(2_500)]


async def test_all_pages_of_fills_and_settlements() -> None:
    """A cursor goes on where the page ended."""
    journaled = book_after(
        *(bought_yes(f"t{number}", ticker=f"M{number}") for number in range(5)),
        *(settled("yes", ticker=f"M{number}") for number in range(5)),
    )

    async with reading(journaled) as client:
        fills = await json_of(client, FILLS, limit="3")
        older_fills = await json_of(client, FILLS, limit="3", cursor=fills["cursor"])
        settlements = await json_of(client, SETTLEMENTS, limit="3")
        older_settlements = await json_of(client, SETTLEMENTS, limit="3", cursor=settlements["cursor"])

    assert [fill["trade_id"] for fill in fills["fills"] + older_fills["fills"]] == ["t4", "t3", "t2", "t1", "t0"]
    rows = settlements["settlements"] + older_settlements["settlements"]
    assert [row["ticker"] for row in rows] == ["M4", "M3", "M2", "M1", "M0"]
    assert (older_fills["cursor"], older_settlements["cursor"]) == ("", "")
