"""What a key may read over HTTP: its scope, and the subaccount it is locked to (protocol, 1 and 3)."""

import pytest

from tests.events import bought_yes, paid_in, settled
from tests.journaled_book import JournaledBook, book_after
from tests.server.reading import BALANCE, FILLS, LIMITS, POSITIONS, SETTLEMENTS, json_of, reading


@pytest.mark.parametrize("path", [POSITIONS, FILLS, SETTLEMENTS, BALANCE, LIMITS])
async def test_key_without_the_scope_is_answered_403(path: str) -> None:
    """A key that may only feed events reads nothing."""
    async with reading(book_after(), scopes=frozenset({"ingest"})) as client:
        response = await client.get(path)
        answer = await response.json()

    message = "this needs a key with the scope 'read'"
    assert (response.status, answer) == (403, {"error": {"code": "forbidden", "message": message}})


@pytest.fixture
def two_subaccounts() -> JournaledBook:
    """The same in subaccounts 0 and 2, at another size: an open market, a settled one, cash."""
    return book_after(
        *(
            event
            for subaccount, count in ((0, 10_00), (2, 3_00))
            for event in (
                bought_yes("t1", count, subaccount=subaccount, ticker="OPEN"),
                bought_yes("t2", count, subaccount=subaccount, ticker="OVER"),
                paid_in(f"c{subaccount}", count * 10_000, subaccount=subaccount),
            )
        ),
        settled("no", ticker="OVER"),
    )


@pytest.mark.parametrize(
    ("locked", "parameters", "positions", "fills", "settlements", "balance"),
    [
        (None, {}, [10], [3, 3, 10, 10], [10, 3], 260),
        (None, {"subaccount": "2"}, [3], [3, 3], [3], 60),
        (2, {}, [3], [3, 3], [3], 60),
        (2, {"subaccount": "2"}, [3], [3, 3], [3], 60),
        (0, {}, [10], [10, 10], [10], 200),
        (1, {}, [], [], [], 0),
    ],
)
async def test_subaccounts_seen(
    two_subaccounts: JournaledBook,
    locked: int | None,
    parameters: dict[str, str],
    positions: list[int],
    fills: list[int],
    settlements: list[int],
    balance: int,
) -> None:
    """Asked for nothing, positions are those of subaccount 0 and the rest is of all; a locked key sees its own only."""
    async with reading(two_subaccounts, subaccount=locked) as client:
        rows = (await json_of(client, POSITIONS, **parameters))["market_positions"]
        filled = (await json_of(client, FILLS, **parameters))["fills"]
        over = (await json_of(client, SETTLEMENTS, **parameters))["settlements"]
        cash = (await json_of(client, BALANCE, **parameters))["balance"]

    assert [row["position"] for row in rows] == positions
    assert [fill["count"] for fill in filled] == fills
    assert [row["yes_count"] for row in over] == settlements
    assert cash == balance


@pytest.mark.parametrize("path", [POSITIONS, FILLS, SETTLEMENTS, BALANCE])
async def test_locked_key_that_asks_for_another_subaccount_is_answered_403(
    two_subaccounts: JournaledBook, path: str
) -> None:
    """Whether that subaccount exists or not."""
    async with reading(two_subaccounts, subaccount=2) as client:
        response = await client.get(path, params={"subaccount": "0"})
        answer = await response.json()

    message = "subaccount 0 is out of reach: this key sees subaccount 2 only"
    assert (response.status, answer) == (403, {"error": {"code": "forbidden", "message": message}})
