"""`/asyncapi.json` says what goes over the socket, to the last field."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from openpositions.testing.sandbox_server import SandboxServer
from openpositions.wire.socket.errors import ErrorCode
from tests.acceptance.described import message_schema, mistakes
from tests.acceptance.http import ask
from tests.acceptance.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.websocket import WebSocket

DIALECTS = ("2025", "2026", "both")
CHANNELS = ["market_positions", "fill", "market_lifecycle_v2", "portfolio"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A service."""
    with SandboxServer() as server:
        yield Sandbox(server, over_http=True)


@pytest.fixture(scope="module")
def plain() -> Iterator[Sandbox]:
    """A service without extensions."""
    with SandboxServer(plain=True) as server:
        yield Sandbox(server, over_http=True)


async def described(sandbox: Sandbox) -> dict[str, Any]:
    """The document, as somebody without a key gets it."""
    answer = await ask(sandbox, None, "GET", "/asyncapi.json")
    assert answer.status == 200, answer
    return dict(answer.content)


def conversation(ticker: str) -> list[dict[str, Any]]:
    """Every command, and one that no service carries out."""
    return [
        {
            "id": 1,
            "cmd": "subscribe",
            "params": {
                "channels": CHANNELS,
                "market_tickers": [ticker],
                "send_initial_snapshot": True,
                "extended": True,
                "conflate_ms": 10,
            },
        },
        {"id": 2, "cmd": "update_subscription", "params": {"sids": [2], "action": "add_markets", "market_ticker": "B"}},
        {"id": 3, "cmd": "list_subscriptions"},
        {"id": 4, "cmd": "subscribe", "params": {"channels": ["fill"], "market_tickers": [" "]}},
    ]


async def held(sandbox: Sandbox, dialect: str) -> list[dict[str, Any]]:
    """What a client in this dialect is told of a market, from its first fill to its end and the end of the service."""
    server, user, ticker = sandbox.server, f"user-{dialect}", f"EV-{dialect.upper()}"
    server.fill(user, ticker)
    frames: list[dict[str, Any]] = []
    async with await sandbox.connect(user, f"?wire={dialect}") as socket:
        for command in conversation(ticker):
            await socket.send(json.dumps(command).encode())
        await until(socket, frames, "error")
        for price in ("0.30", "0.60"):
            server.fill(user, ticker, "no", price)
        server.mark(ticker, "0.45")
        server.settle(ticker, "scalar", value="0.4500")
        await until(socket, frames, "market_lifecycle_v2", count=2)
        await until(socket, frames, "market_position", last={"sequence": server.position(user, ticker).sequence})
        await socket.send(b'{"id":5,"cmd":"unsubscribe","params":{"sids":[2]}}')
        await until(socket, frames, "unsubscribed")
        await asyncio.to_thread(server.restart)
        await until(socket, frames, "notice")
    return frames


async def until(
    socket: WebSocket, frames: list[dict[str, Any]], kind: str, *, count: int = 1, last: dict[str, Any] | None = None
) -> None:
    """Receives until there were so many of a type, the last of them with these values."""
    while True:
        found = [frame for frame in frames if frame["type"] == kind]
        if len(found) >= count and (last is None or found[-1]["msg"].items() >= last.items()):
            return
        frames.append(await socket.message())


def names_of(frame: dict[str, Any], dialect: str) -> str:
    """Which message of the document a frame is."""
    kind = str(frame["type"])
    if kind in {"market_position", "fill"}:
        return f"{kind}_{dialect}"
    if kind == "ok":
        return "updated" if "seq" in frame else "listed"
    return str(frame["msg"]["event_type"]) if kind == "market_lifecycle_v2" else kind


async def test_every_frame_is_as_described(sandbox: Sandbox) -> None:
    """In every dialect, and there is no described frame that was not seen."""
    document = await described(sandbox)
    seen, wrong = set(), []
    for dialect in DIALECTS:
        for frame in await held(sandbox, dialect):
            name = names_of(frame, dialect)
            seen.add(name)
            wrong += [(name, mistake) for mistake in mistakes(document, message_schema(document, name), frame)]

    assert wrong == []
    assert seen | set(commands(document)) == set(document["components"]["messages"])


async def test_frames_of_one_dialect_are_not_those_of_another(sandbox: Sandbox) -> None:
    """The description tells them apart by their names."""
    document = await described(sandbox)
    async with await sandbox.connect("erin", "?wire=2025") as socket:
        await socket.subscribe("market_positions")
        sandbox.server.fill("erin", "EV-APART")
        frame = await socket.message()

    fitting = [
        dialect
        for dialect in DIALECTS
        if not mistakes(document, message_schema(document, f"market_position_{dialect}"), frame)
    ]

    assert fitting == ["2025"]


async def test_commands_are_as_described(sandbox: Sandbox) -> None:
    """Those that the service carries out; what it refuses by its form is not."""
    document = await described(sandbox)

    told = [
        mistakes(document, message_schema(document, command["cmd"]), command) == [] for command in conversation("EV-A")
    ]

    assert told == [True, True, True, False]


async def test_operations_name_every_message(sandbox: Sandbox) -> None:
    """The service receives commands, answers with replies, and sends the rest."""
    document = await described(sandbox)
    operations = document["operations"]
    named = [
        message["$ref"].removeprefix("#/channels/socket/messages/")
        for one in (operations["command"], operations["command"]["reply"], operations["frame"])
        for message in one["messages"]
    ]

    assert sorted(named) == sorted(document["channels"]["socket"]["messages"])
    assert sorted(named) == sorted(document["components"]["messages"])


async def test_schemas_are_schemas(sandbox: Sandbox) -> None:
    """Of JSON Schema 2020-12, whose words they keep to."""
    document = await described(sandbox)

    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_plain_service_describes_no_extension(plain: Sandbox) -> None:
    """Neither their parameters nor their frames, nor the choice of a dialect."""
    document = await described(plain)

    params = document["components"]["schemas"]["PlainSubscribeParams"]["properties"]
    assert sorted(params) == ["channels", "market_ticker", "market_tickers"]
    assert {"market_positions_snapshot", "portfolio", "notice"}.isdisjoint(document["components"]["messages"])
    assert list(document["channels"]["socket"]["bindings"]["ws"]["query"]["properties"]) == ["ticket"]


async def test_plain_service_takes_no_dialect(plain: Sandbox) -> None:
    """So its paths are described without it, too."""
    document = (await ask(plain, None, "GET", "/openapi.json")).content

    parameters = document["paths"]["/trade-api/ws/v2"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["ticket"]


async def test_numbers_of_errors_are_told(sandbox: Sandbox) -> None:
    """Each with its text."""
    document = await described(sandbox)

    told = document["components"]["schemas"]["ErrorMessage"]["properties"]["code"]

    assert told["enum"] == [code.number for code in ErrorCode]


def commands(document: dict[str, Any]) -> list[str]:
    """The names of the messages that the service receives."""
    names = (message["$ref"].rpartition("/")[2] for message in document["operations"]["command"]["messages"])
    return list(names)
