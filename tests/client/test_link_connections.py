"""How the library deals with connections that are refused, closed or broken, against a peer that does all of it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client, PositionStream
from openpositions.errors import (
    ClientClosed,
    ConnectionEnded,
    NotAuthenticated,
    NotPermitted,
    RequestFailed,
    ServiceUnavailable,
    SubscriptionRefused,
    TooManyRequests,
)
from openpositions.wire.rest.errors import (
    BAD_SIGNATURE,
    TIMESTAMP_EXPIRED,
    TOO_MANY_REQUESTS,
    UNKNOWN_KEY,
    error_body,
)
from openpositions.wire.signing import format_private_key, generate_key, signed_text, verify
from tests.client.peer import Peer
from tests.events import bought_yes, settled


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """A service with one row."""
    async with Peer() as peer:
        peer.book.feed(bought_yes("t1"))
        yield peer


@pytest.fixture
async def client(peer: Peer, rsa_key: RSAPrivateKey) -> AsyncIterator[Client]:
    """A client of it."""
    async with Client(peer.url, "key-1", format_private_key(rsa_key)) as client:
        yield client


async def next_position(stream: PositionStream) -> float:
    """The position in the next row, which must come soon."""
    async with asyncio.timeout(20):
        return float((await anext(stream)).position)


# ------------------------------------------------------------ refused handshakes


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (401, BAD_SIGNATURE, NotAuthenticated, "private key of that key id"),
        (401, UNKNOWN_KEY, NotAuthenticated, "knows no such key id"),
        (401, TIMESTAMP_EXPIRED, NotAuthenticated, "clocks"),
        (403, error_body("forbidden", "this needs a key with the scope 'read'"), NotPermitted, "scope 'read'"),
        (429, TOO_MANY_REQUESTS, TooManyRequests, "too many requests"),
        (503, error_body("shutting_down", "the service is stopping"), ServiceUnavailable, "is stopping"),
        (404, b"<html>", RequestFailed, "<html>"),
    ],
    ids=["signature", "key id", "clock", "scope", "too many", "stopping", "something else"],
)
async def test_a_first_handshake_that_is_refused_says_why(
    peer: Peer, client: Client, status: int, body: bytes, error: type[RequestFailed], said: str
) -> None:
    """By an exception of its own kind, with the status and what the service said."""
    peer.refusals.append((status, body))
    with pytest.raises(error, match=said) as refused:
        await next_position(client.positions())
    assert refused.value.status == status


async def test_a_service_that_is_not_there_is_unavailable(rsa_key: RSAPrivateKey) -> None:
    """Nothing listens on port 1."""
    async with Client("http://127.0.0.1:1", "key-1", format_private_key(rsa_key)) as client:
        with pytest.raises(ServiceUnavailable, match="no answer"):
            await next_position(client.positions())


async def test_a_handshake_that_is_not_answered_says_how_long_it_waited(
    rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that accepts and says nothing: a timeout of the library itself has no text."""
    monkeypatch.setattr("openpositions.client.link._HANDSHAKE_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        async with Client(url, "key-1", format_private_key(rsa_key)) as client:
            with pytest.raises(ServiceUnavailable, match=r"ws/v2: none within 0\.05 seconds"):
                await next_position(client.positions())


@pytest.mark.parametrize(
    ("status", "body"), [(429, TOO_MANY_REQUESTS), (503, b""), (500, b"oops")], ids=["429", "503", "500"]
)
async def test_later_refusals_that_pass_are_sat_out(peer: Peer, client: Client, status: int, body: bytes) -> None:
    """Once it was connected, a client keeps trying."""
    stream = client.positions()
    assert await next_position(stream) == 10
    peer.refusals += [(status, body)] * 3
    await peer.close(1012)
    peer.book.feed(bought_yes("t2"))
    assert await next_position(stream) == 20
    assert peer.handshakes == 5


async def test_a_service_that_wants_a_pause_before_the_next_connection_gets_it(peer: Peer, client: Client) -> None:
    """A second, by its header Retry-After."""
    stream = client.positions()
    assert await next_position(stream) == 10
    peer.retry_after = "1"
    peer.refusals.append((503, b""))
    await peer.close(1012)
    await peer.feed(bought_yes("t2"))
    assert await next_position(stream) == 20
    _, refused, taken = peer.handshake_times
    assert taken - refused >= 1


async def test_a_later_refusal_for_good_ends_it(peer: Peer, client: Client) -> None:
    """A key that was revoked meanwhile is not tried again; the error is raised once, then the stream is over."""
    stream = client.positions()
    await next_position(stream)
    peer.refusals.append((401, UNKNOWN_KEY))
    await peer.close(1012)
    with pytest.raises(NotAuthenticated):
        await next_position(stream)
    with pytest.raises(StopAsyncIteration):
        await next_position(stream)


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
async def test_the_handshake_is_signed(peer: Peer, key_type: str) -> None:
    """By RSA-PSS or Ed25519, over timestamp, method and path without the query."""
    private_key = generate_key("rsa" if key_type == "rsa" else "ed25519")
    async with Client(peer.url, "key-1", format_private_key(private_key)) as client:
        await next_position(client.positions())
    timestamp = peer.headers["KALSHI-ACCESS-TIMESTAMP"]
    text = signed_text(timestamp, "GET", "/trade-api/ws/v2")
    assert peer.headers["KALSHI-ACCESS-KEY"] == "key-1"
    assert verify(private_key.public_key(), text, peer.headers["KALSHI-ACCESS-SIGNATURE"])


# ------------------------------------------------------------ connections that end


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4000])
async def test_a_close_that_passes_is_followed_by_another_connection(peer: Peer, client: Client, code: int) -> None:
    """And by what changed in between."""
    stream = client.positions()
    await next_position(stream)
    await peer.close(code)
    peer.book.feed(bought_yes("t2"))
    assert await next_position(stream) == 20


@pytest.mark.parametrize(("code", "said"), [(1008, "policy"), (4003, "revoked")])
async def test_a_close_for_good_ends_it(peer: Peer, client: Client, code: int, said: str) -> None:
    """The service does not want this client back."""
    stream = client.positions()
    await next_position(stream)
    await peer.close(code)
    with pytest.raises(ConnectionEnded, match=said) as ended:
        await next_position(stream)
    assert ended.value.code == code
    assert peer.handshakes == 1


async def test_a_refused_subscription_is_raised(client: Client) -> None:
    """With the number and the words of the service."""
    stream = client.positions(["no ticker"])
    with pytest.raises(SubscriptionRefused, match="no ticker") as refused:
        await next_position(stream)
    assert refused.value.code == 11


# ------------------------------------------------------------ gaps


async def test_lost_frames_are_noticed_reported_once_and_made_up_for(
    peer: Peer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows whose frames were lost are told after all, also when it happens again."""
    peer.book.feed(bought_yes("t2", ticker="SNOW"))
    stream = client.positions()
    held = [await next_position(stream) for _ in range(2)]
    assert held == [10, 10]
    with caplog.at_level(logging.ERROR, "openpositions.client"):
        for round_ in range(3):
            peer.loses = 1
            await peer.feed(bought_yes(f"r{round_}", ticker="SNOW"), bought_yes(f"s{round_}"))
            told = {(row := await anext(stream)).market_ticker: float(row.position) for _ in range(2)}
            assert told == {"RAIN": 20 + round_ * 10, "SNOW": 20 + round_ * 10}
    assert len(caplog.records) == 1
    assert "lost" in caplog.text


async def test_a_gap_is_stale_until_it_is_healed(peer: Peer, client: Client) -> None:
    """What was told may be out of date meanwhile."""
    stream = client.positions()
    await next_position(stream)
    peer.loses = 1
    await peer.feed(settled("yes"), bought_yes("t2", ticker="SNOW"))
    assert await next_position(stream) == 10
    assert stream.stale
    assert await next_position(stream) == 0
    await peer.feed(bought_yes("t3", ticker="SNOW"))
    assert await next_position(stream) == 20
    assert not stream.stale


# ------------------------------------------------------------ ends on this side


async def test_closing_ends_everybody_who_waits(client: Client) -> None:
    """Several may wait for the rows of one stream; none of them waits on."""
    stream = client.positions()
    await next_position(stream)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(anext(stream, None)) for _ in range(3)]
        await asyncio.sleep(0)
        await stream.close()
    assert [task.result() for task in waiting] == [None, None, None]


async def test_closing_the_client_ends_its_iterators(peer: Peer, client: Client) -> None:
    """Whoever waits for a row is let go, and nothing new can be asked."""
    stream = client.positions()
    await next_position(stream)
    waiting = asyncio.create_task(anext(stream, None))
    await asyncio.sleep(0)
    await client.close()
    assert await waiting is None
    with pytest.raises(ClientClosed):
        await client.balance()
    with pytest.raises(ClientClosed):
        await next_position(client.positions())
    assert peer.handshakes == 1


async def test_an_iterator_that_nobody_holds_lets_go_of_its_connection(peer: Peer, client: Client) -> None:
    """`async for … break` leaves nothing open behind it."""
    async for _ in client.positions():
        break
    await peer.until_left()
