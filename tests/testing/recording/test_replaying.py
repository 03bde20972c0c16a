"""A recording served over a socket, and one made of what it serves."""

import asyncio
import errno
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.errors import Misconfigured, RequestFailed, SubscriptionRefused
from openpositions.server.keys import KeyStore, NewKey
from openpositions.testing.recording import Login, RecordedSession, Replay, load_recording, record
from openpositions.testing.recording.sessions import read_sessions
from openpositions.testing.sandbox_server import SandboxServer
from openpositions.wire.signing import format_private_key, format_public_key, load_private_key
from tests.acceptance.service import Caller, now_ms
from tests.captures import CAPTURES, needs_captures
from tests.client.amounts import decimals
from tests.testing.recording.recordings import data, session, subscribed

PATH = "/trade-api/ws/v2"
PATIENCE_SECONDS = 20

RECORDED = session(
    subscribed(0, "fill", 8), *(data(20_000 * number, 8, f"A-{number}", seq=number) for number in range(1, 11))
)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    """An empty store."""
    store = KeyStore(tmp_path / "keys.db", now_ms)
    yield store
    store.close()


@pytest.fixture
def alice(keys: KeyStore, rsa_key: RSAPrivateKey) -> Caller:
    """Somebody with a key that may listen."""
    key = keys.add(
        NewKey(user_id="alice", scopes=frozenset({"read"}), public_key=format_public_key(rsa_key.public_key()))
    )
    return Caller("alice", key.key_id, rsa_key)


class Announced(BytesIO):
    """A file that tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    def write(self, content: Any) -> int:  # noqa: ANN401 - as of the base
        """Writes, and tells."""
        self.begun.set()
        return super().write(content)


class Full(BytesIO):
    """A file on a disk that has room for the first two lines."""

    def write(self, content: Any) -> int:  # noqa: ANN401 - as of the base
        """Writes, or complains as the system does."""
        if self.getvalue().count(b"\n") == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content)


@asynccontextmanager
async def connected(
    recorded: RecordedSession, keys: KeyStore, caller: Caller, speed: float | None
) -> AsyncIterator[ClientWebSocketResponse]:
    """A client's connection to a replay."""
    async with (
        Replay(recorded, keys, speed).listening("127.0.0.1", 0) as url,
        ClientSession(url) as client,
        client.ws_connect(PATH, headers=caller.headers("GET", PATH)) as ws,
    ):
        yield ws


async def subscribe(ws: ClientWebSocketResponse, count: int, *channels: str) -> list[dict[str, Any]]:
    """The frames that follow a subscribe, its replies included."""
    await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": channels}})
    return [json.loads(await ws.receive_str(timeout=PATIENCE_SECONDS)) for _ in range(count)]


async def test_frames_come_with_the_timing_of_the_recording(keys: KeyStore, alice: Caller) -> None:
    """The last of them 0.2 s after the subscription."""
    async with connected(RECORDED, keys, alice, 1.0) as ws:
        clock = asyncio.get_running_loop().time
        began = clock()
        frames = await subscribe(ws, 11, "fill")

        assert [frame["msg"]["market_ticker"] for frame in frames[1:]] == [f"A-{number}" for number in range(1, 11)]
        assert clock() - began > 0.19


async def test_frames_come_at_once_where_no_speed_is_kept(keys: KeyStore, alice: Caller) -> None:
    """A week of silence too."""
    week = session(subscribed(0, "fill", 1), data(7 * 86_400_000_000, 1, "A-1"))
    async with connected(week, keys, alice, None) as ws:
        frames = await subscribe(ws, 2, "fill")

    assert frames[1]["msg"] == {"market_ticker": "A-1"}


async def test_unsubscribed_stream_is_ended(keys: KeyStore, alice: Caller) -> None:
    """While it waits for the next frame; a new one begins from the start."""
    late = session(subscribed(0, "fill", 1), data(0, 1, "A-1"), data(7 * 86_400_000_000, 1, "A-2"))
    async with connected(late, keys, alice, 1.0) as ws:
        await subscribe(ws, 2, "fill")
        await ws.send_json({"id": 2, "cmd": "unsubscribe", "params": {"sids": [1]}})
        assert json.loads(await ws.receive_str(timeout=PATIENCE_SECONDS))["type"] == "unsubscribed"

        assert [frame.get("sid") for frame in await subscribe(ws, 2, "fill")] == [None, 2]


@pytest.mark.parametrize("spoiled", ["KALSHI-ACCESS-KEY", "KALSHI-ACCESS-SIGNATURE", "KALSHI-ACCESS-TIMESTAMP"])
async def test_handshake_must_be_signed(keys: KeyStore, alice: Caller, spoiled: str) -> None:
    """As at the service."""
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url, ClientSession(url) as client:
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(PATH, headers=alice.headers("GET", PATH) | {spoiled: "x"})

    assert refused.value.status == 401


async def test_plain_request_is_told_what_is_served(keys: KeyStore, alice: Caller) -> None:
    """Instead of a socket."""
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url, ClientSession(url) as client:
        response = await client.get(PATH, headers=alice.headers("GET", PATH))

        assert (response.status, (await response.json())["error"]["code"]) == (400, "upgrade_required")


@pytest.mark.parametrize("extended", [False, True])
async def test_library_follows_a_replay(
    openpositions_server: SandboxServer, keys: KeyStore, alice: Caller, *, extended: bool
) -> None:
    """Rows, and a portfolio that adds up, of what was recorded with and without the extensions of the protocol."""
    params = {"send_initial_snapshot": True, "extended": True} if extended else {}
    key = openpositions_server.key("alice")
    login, out = Login(openpositions_server.url, key.key_id, load_private_key(key.private_key)), BytesIO()
    command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["market_positions"], **params}}
    recording = asyncio.create_task(record(login, [command], out, most_frames=4 + extended))
    await openpositions_server.wait_for_async(subscriptions=1)
    openpositions_server.fill("alice", "RAIN", fee="0.10")
    openpositions_server.fill("alice", "SNOW", side="no", price="0.30", count=5)
    openpositions_server.settle("RAIN", "yes")
    await asyncio.wait_for(recording, PATIENCE_SECONDS)

    (recorded,) = read_sessions(iter(out.getvalue().splitlines(keepends=True)), "r")
    async with (
        Replay(recorded, keys).listening("127.0.0.1", 0) as url,
        Client(url, alice.key_id, format_private_key(alice.private_key)) as client,
        asyncio.timeout(PATIENCE_SECONDS),
    ):
        positions = {}
        async for row in client.positions():
            positions[row.market_ticker] = row.position
            if positions == {"RAIN": 0, "SNOW": -5}:
                break
        portfolio = await client.portfolio()
        async for _ in portfolio.changes():
            if portfolio.realized_pnl == 6:
                break
        assert (portfolio.exposure, portfolio.fees_paid) == decimals("1.5", "0.1")


async def test_totals_of_a_replay_are_those_of_its_rows(
    openpositions_server: SandboxServer, keys: KeyStore, alice: Caller
) -> None:
    """The recorded ones count what was held before, too, which nothing else in the recording tells of."""
    key = openpositions_server.key("alice")
    openpositions_server.fill("alice", "RAIN")
    login, out = Login(openpositions_server.url, key.key_id, load_private_key(key.private_key)), BytesIO()
    command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["portfolio", "market_positions"]}}
    recording = asyncio.create_task(record(login, [command], out, most_frames=5))
    await openpositions_server.wait_for_async(sent={"type": "portfolio"})
    openpositions_server.fill("alice", "SNOW", count=5)
    await asyncio.wait_for(recording, PATIENCE_SECONDS)

    (recorded,) = read_sessions(iter(out.getvalue().splitlines(keepends=True)), "r")
    async with (
        Replay(recorded, keys).listening("127.0.0.1", 0) as url,
        Client(url, alice.key_id, format_private_key(alice.private_key)) as client,
        asyncio.timeout(PATIENCE_SECONDS),
    ):
        portfolio = await client.portfolio()
        async for totals in portfolio.changes():
            if totals.exposure == 2:
                break
        assert list(portfolio.positions) == ["SNOW"]


async def test_what_a_replay_cannot_tell_is_refused_in_json(keys: KeyStore, alice: Caller) -> None:
    """As the service does: an unknown path, and a read that is not signed."""
    balance, positions = "/trade-api/v2/portfolio/balance", "/trade-api/v2/portfolio/positions"
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url, ClientSession(url) as client:
        unknown = await client.get(balance, headers=alice.headers("GET", balance))
        unsigned = await client.get(positions)

        assert (unknown.status, (await unknown.json())["error"]["code"]) == (404, "not_found")
        assert (unsigned.status, (await unsigned.json())["error"]["code"]) == (
            401,
            "signature_is_missing_from_headers",
        )


async def test_port_that_is_taken_is_named(keys: KeyStore) -> None:
    """In a line."""
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(Misconfigured, match=f"cannot listen on 127.0.0.1:{port}: "):
            async with Replay(RECORDED, keys).listening("127.0.0.1", port):
                pass


async def test_recording_of_a_replay_is_the_recording(keys: KeyStore, alice: Caller) -> None:
    """Frames, channel and times; sids and seqs already counted from 1."""
    out = BytesIO()
    command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["fill"]}}
    async with Replay(RECORDED, keys, 2.0).listening("127.0.0.1", 0) as url:
        done = await record(Login(url, alice.key_id, alice.private_key), [command], out, most_frames=11)

    (copy,) = read_sessions(iter(out.getvalue().splitlines(keepends=True)), "copy")
    assert (done.frames, done.close_code) == (11, None)
    assert [json.loads(frame.message)["msg"] for frame in copy.frames] == [
        json.loads(frame.message)["msg"] for frame in RECORDED.frames
    ]
    assert copy.frames[-1].offset_us - copy.subscribed_us["fill"] > 95_000
    first, sent, *_ = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["url"] == f"{url}{PATH}"
    assert (sent["direction"], sent["data"]) == ("sent", command)


async def test_recording_ends_with_the_connection(keys: KeyStore, alice: Caller) -> None:
    """And says how it was closed."""
    out = Announced()
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        recording = asyncio.create_task(
            record(Login(url, alice.key_id, alice.private_key), [], out, most_frames=5, wire="2026")
        )
        await out.begun.wait()
    done = await recording

    assert (done.frames, done.close_code) == (0, 1012)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0]["url"].endswith("?wire=2026")
    assert (lines[-1]["kind"], lines[-1]["code"]) == ("closed", 1012)


async def test_recording_ends_when_it_is_told_to(keys: KeyStore, alice: Caller) -> None:
    """After some time, or by somebody."""
    login = Login("", alice.key_id, alice.private_key)
    stop = asyncio.Event()
    stop.set()
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        for done in (
            await record(login._replace(url=url), [], BytesIO(), most_frames=5, seconds=0.05),
            await record(login._replace(url=url), [], BytesIO(), most_frames=5, stop=stop),
        ):
            assert (done.frames, done.close_code) == (0, None)


async def test_refused_recording_says_why(keys: KeyStore, rsa_key: RSAPrivateKey) -> None:
    """By status and in words; or that nobody is there. Nothing is written then."""
    out = BytesIO()
    unknown = r"GET /trade-api/ws/v2 was refused with 401: .*NOT_FOUND\); the service knows no such key id"
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        with pytest.raises(RequestFailed, match=unknown):
            await record(Login(url, "nobody", rsa_key), [], out, most_frames=1)
    with pytest.raises(RequestFailed, match="no answer to GET /trade-api/ws/v2"):
        await record(Login(url, "nobody", rsa_key), [], out, most_frames=1)

    assert out.getvalue() == b""


async def test_refused_command_is_raised(keys: KeyStore, alice: Caller) -> None:
    """There is nothing more to record then; what was said is written all the same."""
    out = BytesIO()
    command = {"id": 7, "cmd": "subscribe", "params": {"channels": ["nope"]}}
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        with pytest.raises(SubscriptionRefused, match="refused with error 8: Unknown channel name") as refused:
            await record(Login(url, alice.key_id, alice.private_key), [command], out, most_frames=9)

    assert refused.value.code == 8
    assert json.loads(out.getvalue().splitlines()[-1])["data"]["type"] == "error"


async def test_file_that_takes_no_more_is_said(keys: KeyStore, alice: Caller) -> None:
    """Instead of a recording that seems whole."""
    command = {"id": 1, "cmd": "subscribe", "params": {"channels": ["fill"]}}
    async with Replay(RECORDED, keys).listening("127.0.0.1", 0) as url:
        with pytest.raises(OSError, match="No space left on device"):
            await record(Login(url, alice.key_id, alice.private_key), [command], Full(), most_frames=9)


@needs_captures
@pytest.mark.parametrize(
    ("number", "channels", "count"),
    [
        (0, ["orderbook_delta"], 3),
        (1, ["orderbook_delta", "trade"], 5),
        (2, ["user_orders", "order_group_updates"], 17),
    ],
)
async def test_captured_session_is_served_as_it_was(
    keys: KeyStore, alice: Caller, number: int, channels: list[str], count: int
) -> None:
    """Every frame of the channels, with the sids of the connection and everything else unchanged."""
    recorded = load_recording(CAPTURES / "ws_frames.jsonl")[number]
    async with connected(recorded, keys, alice, None) as ws:
        replies = await subscribe(ws, len(channels), *channels)
        frames = [json.loads(await ws.receive_str(timeout=PATIENCE_SECONDS)) for _ in range(count)]

    sid_of = {reply["msg"]["channel"]: reply["msg"]["sid"] for reply in replies}
    captured = [frame for frame in recorded.frames if frame.channel in channels]
    assert len(captured) == count
    for frame, original in zip(frames, captured, strict=True):
        assert frame.pop("sid") == sid_of[original.channel]
        expected = json.loads(original.message)
        del expected["sid"]
        assert {**frame, "seq": None} == {**expected, "seq": None}
