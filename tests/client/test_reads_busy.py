"""REST reads of a service that has no time, or is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.client.credentials import load_credentials
from openpositions.client.link import Link
from openpositions.client.reads import PATIENCE_SECONDS, Reads
from openpositions.client.refusals import read_retry_after
from openpositions.errors import RequestFailed, ServiceUnavailable, TooManyRequests
from openpositions.wire.rest.errors import TOO_MANY_REQUESTS
from openpositions.wire.signing import format_private_key
from tests.client.peer import Peer

FILLS, SETTLEMENTS = b'{"fills":[],"cursor":""}', b'{"settlements":[],"cursor":""}'
BALANCE = b'{"balance":100,"updated_ts":1}'


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A service that answers reads as it is told."""
    async with Peer() as peer:
        yield peer


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that grow from a thousandth of a second."""
    monkeypatch.setattr("openpositions.client.backoff.FIRST_SECONDS", 0.001)


@pytest.fixture
async def client(peer: Peer, rsa_key: RSAPrivateKey) -> AsyncIterator[Client]:
    """A client of it."""
    async with Client(peer.url, "key-1", format_private_key(rsa_key)) as client:
        yield client


async def test_a_page_is_asked_for_again_when_the_service_has_no_time(peer: Peer, client: Client) -> None:
    """In the middle of an iteration it would be a pity to give up."""
    peer.reads += [(429, TOO_MANY_REQUESTS), (503, b""), (200, FILLS)]
    assert [fill async for fill in client.fills()] == []
    assert peer.reads == []


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize(("read", "answer"), [("fills", FILLS), ("settlements", SETTLEMENTS), ("balance", BALANCE)])
async def test_a_long_time_without_answers_is_waited_out(peer: Peer, client: Client, read: str, answer: bytes) -> None:
    """Whatever was asked for: refusals, and connections that are cut, as long as the pauses grow."""
    peer.reads += [(503, b"")] * 3 + [(429, TOO_MANY_REQUESTS)] * 3 + [(0, b"")] * 2 + [(200, answer)]
    if read == "balance":
        assert (await client.balance()).cash == 1
    else:
        assert [row async for row in getattr(client, read)()] == []
    assert peer.reads == []


async def test_a_pause_is_as_long_as_the_service_wants_it(peer: Peer, client: Client) -> None:
    """A second, by its header Retry-After."""
    peer.retry_after = "1"
    peer.reads += [(429, TOO_MANY_REQUESTS), (200, BALANCE)]
    await client.balance()
    refused, answered = peer.read_times
    assert answered - refused >= 1


async def test_a_longer_pause_than_anybody_waits_is_raised(peer: Peer, client: Client) -> None:
    """At once, with what the service wants, so that the program can decide."""
    peer.retry_after = "3600"
    peer.reads.append((503, b""))
    with pytest.raises(ServiceUnavailable) as refused:
        await client.balance()
    assert (refused.value.status, refused.value.retry_after_seconds) == (503, 3600)


@pytest.mark.usefixtures("short_pauses")
async def test_an_answer_is_not_asked_for_for_ever(peer: Peer, rsa_key: RSAPrivateKey) -> None:
    """After some time the refusal is raised: here a second, and by default a minute."""
    peer.reads += [(429, TOO_MANY_REQUESTS)] * 1_000
    link = Link(peer.url, load_credentials("key-1", format_private_key(rsa_key)))
    with pytest.raises(TooManyRequests):
        await Reads(link, patience_seconds=1.0).balance()
    await link.close()
    assert 1 < len(peer.read_times) < 1_000
    assert PATIENCE_SECONDS == 60


async def test_a_service_that_never_answered_is_not_waited_for(rsa_key: RSAPrivateKey) -> None:
    """Most likely its URL is wrong."""
    async with Client("http://127.0.0.1:1", "key-1", format_private_key(rsa_key)) as client, asyncio.timeout(10):
        with pytest.raises(ServiceUnavailable, match="no answer"):
            await client.balance()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("Fri, 01 Dec 2023 00:01:00 GMT", 60),
        ("Thu, 30 Nov 2023 00:00:00 GMT", 0),
        ("Fri, 01 Dec 2023 00:01:00", 60),
        (None, None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("9" * 400, None),
    ],
)
def test_a_service_says_for_how_long_it_wants_to_be_left_alone(header: str | None, seconds: float | None) -> None:
    """In seconds, or until a date."""
    assert read_retry_after(header, datetime(2023, 12, 1, tzinfo=UTC)) == seconds


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
