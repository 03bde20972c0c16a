"""REST reads of a service that has no time, or is none."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.errors import RequestFailed, TooManyRequests
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS
from openpositions.wire.signing import format_private_key
from tests.client.peer import Peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A service that answers reads as it is told."""
    async with Peer() as peer:
        yield peer


@pytest.fixture
async def client(peer: Peer, rsa_key: RSAPrivateKey) -> AsyncIterator[Client]:
    """A client of it."""
    async with Client(peer.url, "key-1", format_private_key(rsa_key)) as client:
        yield client


async def test_a_page_is_asked_for_again_when_the_service_has_no_time(peer: Peer, client: Client) -> None:
    """In the middle of an iteration it would be a pity to give up."""
    peer.reads += [(429, TOO_MANY_REQUESTS), (503, b""), (200, b'{"fills":[],"cursor":""}')]
    assert [fill async for fill in client.fills()] == []
    assert peer.reads == []


async def test_a_page_is_not_asked_for_for_ever(peer: Peer, client: Client) -> None:
    """Four times, then the refusal is raised."""
    peer.reads += [(429, TOO_MANY_REQUESTS)] * 5
    with pytest.raises(TooManyRequests):
        _ = [fill async for fill in client.fills()]
    assert len(peer.reads) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"fills":[{}]}', b'{"fills":7,"cursor":""}'])
async def test_an_answer_of_something_else_is_told(peer: Peer, client: Client, body: bytes) -> None:
    """Another program may listen there."""
    peer.reads.append((200, body))
    with pytest.raises(RequestFailed, match="something else"):
        _ = [fill async for fill in client.fills()]


async def test_an_endless_answer_is_cut(peer: Peer, client: Client) -> None:
    """No page is as long as that."""
    peer.reads.append((200, b" " * (17 * 1024 * 1024)))
    with pytest.raises(RequestFailed, match="longer than any"):
        await client.balance()
