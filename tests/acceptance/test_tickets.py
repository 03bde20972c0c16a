"""Sockets for browsers, which cannot sign (protocol, 1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import ask, feed, fill
from tests.acceptance.service import Service
from tests.acceptance.websocket import Refused, connect


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service with its default settings."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    service.add_key("alice")
    with service:
        yield service


async def test_a_ticket_opens_one_socket(service: Service) -> None:
    """Of the user who asked for it, without a signature; a second time it is worth nothing."""
    ticket = await ticket_of(service)
    async with await connect(service, None, f"?ticket={ticket}") as socket:
        await socket.subscribe("market_positions")
        await feed(service, fill("ticket-1", "alice", "TICKET"))
        assert (await socket.message())["msg"]["user_id"] == "alice"
    with pytest.raises(Refused) as refusal:
        await connect(service, None, f"?ticket={ticket}")
    assert refusal.value.status == 401


async def test_a_page_of_another_origin_can_use_no_ticket(service: Service) -> None:
    """Even when it got hold of one; the page that the ticket was meant for still can."""
    ticket = await ticket_of(service)
    with pytest.raises(Refused) as refusal:
        await connect(service, None, f"?ticket={ticket}", headers={"Origin": "https://evil.example"})
    assert refusal.value.status == 403
    async with await connect(service, None, f"?ticket={ticket}", headers={"Origin": service.url}) as socket:
        assert (await socket.command("list_subscriptions"))["msg"] == []


async def ticket_of(service: Service) -> str:
    """A ticket that alice asked for."""
    answer = await ask(service, service.callers["alice"], "POST", "/v1/tickets")
    assert answer.status == 200, answer
    return str(answer.content["ticket"])
