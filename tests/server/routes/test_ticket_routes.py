"""`/v1/tickets` over HTTP, as a page of the service or the backend of another site uses it."""

from collections.abc import AsyncIterator

import pytest

from openpositions.server.auth import Caller
from openpositions.server.keys import Key, KeyStore
from openpositions.server.origin import Origins
from openpositions.server.routes import ticket_routes
from openpositions.server.tickets import Tickets
from tests.server.conftest import NOW_MS, Client, serving

ORIGINS = Origins(["https://desk.example.com"])


@pytest.fixture
def caller(alice: Key) -> Caller:
    """Alice, by her key with the scope `read`."""
    return Caller(alice.key_id, "alice", frozenset({"read"}), None)


@pytest.fixture
def tickets(keys: KeyStore) -> Tickets:
    """None outstanding."""
    return Tickets(keys, lambda: 12_345.0)


@pytest.fixture
async def client(tickets: Tickets, caller: Caller) -> AsyncIterator[Client]:
    """The caller's."""
    async with serving(ticket_routes.routes(tickets, ORIGINS, lambda: NOW_MS), caller) as started:
        yield started


@pytest.mark.parametrize("origin", [None, "own", "https://desk.example.com"])
async def test_ticket_is_issued_to_the_caller(
    client: Client, tickets: Tickets, caller: Caller, origin: str | None
) -> None:
    """To a program, to a page of the service itself, and to one on the list."""
    own = str(client.make_url("/")).rstrip("/")
    headers = {} if origin is None else {"Origin": own if origin == "own" else origin}

    response = await client.post("/v1/tickets", headers=headers)

    assert response.status == 200
    answer = await response.json()
    assert answer == {"ticket": answer["ticket"], "expires_ts_ms": NOW_MS + 30_000}
    assert tickets.redeem(answer["ticket"]) == caller


async def test_page_of_another_origin_gets_no_ticket(client: Client) -> None:
    """It is told why."""
    response = await client.post("/v1/tickets", headers={"Origin": "https://evil.example"})

    assert response.status == 403
    assert await response.text() == (
        '{"error":{"code":"forbidden","message":"pages of the origin \'https://evil.example\' may not use tickets; '
        'the operator can allow it"}}'
    )


async def test_key_without_read_gets_no_ticket(tickets: Tickets, caller: Caller) -> None:
    """A ticket opens a socket, and a socket needs `read`."""
    routes = ticket_routes.routes(tickets, ORIGINS, lambda: NOW_MS)

    async with serving(routes, caller._replace(scopes=frozenset({"ingest", "admin"}))) as client:
        response = await client.post("/v1/tickets")

        assert response.status == 403
        assert "'read'" in await response.text()


async def test_too_many_tickets_are_refused(client: Client, tickets: Tickets, caller: Caller) -> None:
    """In the venue's shape for too much of anything."""
    for _ in range(200):
        tickets.issue(caller, NOW_MS)

    response = await client.post("/v1/tickets")

    assert response.status == 429
    assert await response.text() == '{"error":"too many requests"}'
