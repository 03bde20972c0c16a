"""`GET /v1/rows`: one row, whole."""

from collections.abc import AsyncIterator, Mapping

import pytest

from openpositions.core.book import Book
from openpositions.core.events import Mark
from openpositions.server.auth import Caller
from openpositions.server.routes import row_routes
from tests.events import bought_yes, settled
from tests.journaled_book import book_after
from tests.server.conftest import Client, serving

ADMIN = Caller("key", "feeder", frozenset({"admin"}), None)
READER = Caller("key", "alice", frozenset({"read", "ingest"}), None)


@pytest.fixture
def book() -> Book:
    """After a purchase of alice's, and its settlement."""
    return book_after(bought_yes("t1", fee=170_000, subaccount=2, ts_ms=7), settled("yes", ts_ms=9)).book


@pytest.fixture
async def client(book: Book) -> AsyncIterator[Client]:
    """Of somebody with the scope admin."""
    async with serving(row_routes.routes(book), ADMIN) as started:
        yield started


async def test_settled_row_is_given_with_every_number(client: Client) -> None:
    """Which no read of the venue does."""
    response = await client.get("/v1/rows", params={"user_id": "alice", "market_ticker": "RAIN", "subaccount": "2"})

    assert await response.json() == {
        "row": {
            "user_id": "alice",
            "market_ticker": "RAIN",
            "subaccount": 2,
            "position_fp": "0.00",
            "position_cost_dollars": "0.0000",
            "realized_pnl_dollars": "6.0000",
            "fees_paid_dollars": "0.1700",
            "position_fee_cost_dollars": "0.0000",
            "volume_fp": "10.00",
            "total_traded_dollars": "4.0000",
            "market_value_dollars": "0.0000",
            "unrealized_pnl_dollars": "0.0000",
            "sequence": 2,
            "ts_ms": 9,
        },
        "sequence": 2,
    }


@pytest.mark.parametrize(
    ("marks", "value", "unrealized"), [([], None, None), ([Mark("RAIN", 5500, 8)], "5.5000", "1.5000")]
)
async def test_open_row_is_valued_at_the_mark(marks: list[Mark], value: str | None, unrealized: str | None) -> None:
    """Unknown is null, and never 0."""
    book = book_after(bought_yes("t1"), *marks).book
    async with serving(row_routes.routes(book), ADMIN) as client:
        response = await client.get("/v1/rows", params={"user_id": "alice", "market_ticker": "RAIN"})
        row = (await response.json())["row"]

    assert (row["market_value_dollars"], row["unrealized_pnl_dollars"]) == (value, unrealized)


async def test_row_that_never_was_is_null(client: Client) -> None:
    """The subaccount is 0 where none is asked for."""
    response = await client.get("/v1/rows", params={"user_id": "alice", "market_ticker": "RAIN"})

    assert (response.status, await response.json()) == (200, {"row": None, "sequence": 2})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"market_ticker": "RAIN"}, "missing_field"),
        ({"user_id": "alice"}, "missing_field"),
        ({"user_id": "alice", "market_ticker": "RAIN", "subaccount": "x"}, "invalid_parameter"),
    ],
)
async def test_wrong_question_is_refused(client: Client, query: Mapping[str, str], code: str) -> None:
    """By the parameter."""
    response = await client.get("/v1/rows", params=query)

    assert (response.status, (await response.json())["error"]["code"]) == (400, code)


async def test_other_scopes_do_not_see_rows(book: Book) -> None:
    """Not even those of their own user."""
    async with serving(row_routes.routes(book), READER) as client:
        response = await client.get("/v1/rows", params={"user_id": "alice", "market_ticker": "RAIN"})

    assert response.status == 403
