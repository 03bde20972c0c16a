"""`/openapi.json` says what the service serves, to the last field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from openpositions.testing.sandbox_server import SandboxServer
from tests.acceptance.described import answer_schema, mistakes
from tests.acceptance.http import Answer, ask, fill
from tests.acceptance.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

VENUE = "/trade-api/v2"
READS = (
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/asyncapi.json",
    f"{VENUE}/exchange/status",
    f"{VENUE}/account/limits",
    f"{VENUE}/portfolio/positions",
    f"{VENUE}/portfolio/fills",
    f"{VENUE}/portfolio/settlements",
    f"{VENUE}/portfolio/balance",
    "/v1/positions/history",
    "/v1/entries",
    "/v1/pnl/history",
    "/v1/rows",
    "/v1/keys",
    "/v1/faults",
)
REQUIRED: dict[str, dict[str, Any]] = {"/v1/rows": {"user_id": "alice", "market_ticker": "EV-OPEN"}}
# Said by other tests here, or no JSON.
OTHERS = {
    ("get", "/metrics"),
    ("get", "/trade-api/ws/v2"),
    ("post", "/v1/events"),
    ("post", "/v1/tickets"),
    ("post", "/v1/keys"),
    ("delete", "/v1/keys/{key_id}"),
    ("post", "/v1/faults"),
    ("delete", "/v1/faults"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A service with some of everything in it: open, settled at a value, void and busted."""
    with SandboxServer() as server:
        server.trade("alice", "bob", "EV-OPEN", price="0.40", buyer_fee="0.17")
        server.mark("EV-OPEN", "0.55")
        server.fill("alice", "EV-UNMARKED", subaccount=3)
        busted = server.fill("alice", "EV-OPEN")
        server.bust(busted)
        server.adjust("alice", "EV-OPEN", realized_pnl="1.5")
        for ticker, result in (("EV-YES", "yes"), ("EV-VOID", "void")):
            server.fill("alice", ticker)
            server.settle(ticker, result)
        yield Sandbox(server, over_http=True)


@pytest.fixture(scope="module")
def key(sandbox: Sandbox) -> Any:  # noqa: ANN401 - a key of the sandbox
    """A key of alice that may do everything."""
    return sandbox.server.key("alice", scopes=["read", "ingest", "admin"])


async def described(sandbox: Sandbox) -> dict[str, Any]:
    """The document, as somebody without a key gets it."""
    answer = await ask(sandbox, None, "GET", "/openapi.json")
    assert answer.status == 200, answer
    return dict(answer.content)


async def check(sandbox: Sandbox, answer: Answer, method: str, path: str, status: str = "200") -> None:
    """Fails with what is not as it is described."""
    document = await described(sandbox)
    assert mistakes(document, answer_schema(document, method, path, status), answer.content) == []


async def test_nothing_described_is_left_out_here(sandbox: Sandbox) -> None:
    """Every operation has a test below."""
    document = await described(sandbox)

    places = {(method, path) for path, methods in document["paths"].items() for method in methods}

    assert places == {("get", path) for path in READS} | OTHERS


async def test_schemas_are_schemas(sandbox: Sandbox) -> None:
    """Of JSON Schema 2020-12, which OpenAPI 3.1 uses."""
    for schema in (await described(sandbox))["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", READS)
async def test_answer_is_as_described(sandbox: Sandbox, key: Any, path: str) -> None:  # noqa: ANN401 - as above
    """Every field is named, every named field is there, each of its type."""
    answer = await ask(sandbox, key, "GET", path, **REQUIRED.get(path, {}))

    assert answer.status == 200, answer
    await check(sandbox, answer, "get", path)


async def test_answer_to_events_is_as_described(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """With a line that was taken and one that was not."""
    body = json.dumps(fill("described", "alice", "EV-OPEN")).encode() + b"\n{}"

    answer = await ask(sandbox, key, "POST", "/v1/events", body)

    assert len(answer.content["rejected"]) == 1
    await check(sandbox, answer, "post", "/v1/events")


async def test_event_is_as_described(sandbox: Sandbox) -> None:
    """The body of a post, by its media type."""
    document = await described(sandbox)
    content = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    event = fill("t1", "alice", "EV-OPEN")

    assert mistakes(document, content["application/x-ndjson"]["schema"], event) == []
    assert mistakes(document, content["application/json"]["schema"], [event, event]) == []


@pytest.mark.parametrize(
    ("field", "value"), [("trade_id", "two words"), ("count_fp", 10), ("outcome_side", "maybe"), ("user_id", None)]
)
async def test_bad_event_is_not_as_described(sandbox: Sandbox, field: str, value: object) -> None:
    """What the service refuses by a field alone, the description refuses too."""
    document = await described(sandbox)
    schema = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/x-ndjson"]["schema"]

    event = fill("t1", "alice", "EV-OPEN")
    event["msg"][field] = value

    assert mistakes(document, schema, event) != []


async def test_life_of_a_key_is_as_described(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """Made, and revoked."""
    wanted = json.dumps({"user_id": "carol", "scopes": ["read"], "type": "ed25519"}).encode()

    made = await ask(sandbox, key, "POST", "/v1/keys", wanted)
    await check(sandbox, made, "post", "/v1/keys")
    path = f"/v1/keys/{made.content['key_id']}"
    revoked = await ask(sandbox, key, "DELETE", path)

    assert (made.status, revoked.status) == (200, 200)
    await check(sandbox, revoked, "delete", "/v1/keys/{key_id}")


async def test_ticket_is_as_described(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """And when it expires."""
    await check(sandbox, await ask(sandbox, key, "POST", "/v1/tickets"), "post", "/v1/tickets")


async def test_faults_are_as_described(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """Made, and ended."""
    fault = {"fault": "expire_key", "user_id": "nobody"}
    document = await described(sandbox)
    body = document["paths"]["/v1/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    made = await ask(sandbox, key, "POST", "/v1/faults", json.dumps(fault).encode())
    ended = await ask(sandbox, key, "DELETE", "/v1/faults")

    assert mistakes(document, body, fault) == []
    assert made.content["faults"] == [{"fault": "expire_key", "user_id": "nobody", "key_id": None}]
    await check(sandbox, made, "post", "/v1/faults")
    await check(sandbox, ended, "delete", "/v1/faults")


async def test_signature_is_wanted_where_the_document_says_so(sandbox: Sandbox) -> None:
    """And nowhere else; the refusal is as described, too."""
    document = await described(sandbox)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answer = await ask(sandbox, None, method.upper(), path.replace("{key_id}", "x"))

            assert answer.status == (401 if operation["security"] else 200), (method, path)
            if operation["security"]:
                assert mistakes(document, answer_schema(document, method, path, "default"), answer.content) == []


async def test_key_without_the_named_scope_is_refused(sandbox: Sandbox) -> None:
    """The description names the scope that is needed: a key with all others is not enough."""
    for path, methods in (await described(sandbox))["paths"].items():
        for method, operation in methods.items():
            if operation["security"]:
                scopes = {"read", "ingest", "admin"}
                others = [scope for scope in scopes if f"`{scope}`" not in operation["description"]]
                key = sandbox.server.key("dave", scopes=sorted(others))

                answer = await ask(sandbox, key, method.upper(), path.replace("{key_id}", "x"))

                assert (len(others), answer.status) == (2, 403), (method, path)


async def test_values_of_parameters_are_bounded_as_described(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """A number outside the bounds of a parameter is refused by name, one at a bound is not."""
    document = await described(sandbox)
    for path, methods in document["paths"].items():
        for one in methods.get("get", {}).get("parameters", []):
            name, limits = one["name"], one["schema"]
            if "maximum" in limits:
                answers = [
                    await ask(sandbox, key, "GET", path, **REQUIRED.get(path, {}), **{name: value})
                    for value in (limits["maximum"], limits["maximum"] + 1)
                ]

                assert [answer.status for answer in answers] == [200, 400], (path, name)
                assert name in answers[1].content["error"]["message"]


async def test_undescribed_path_is_not_served(sandbox: Sandbox, key: Any) -> None:  # noqa: ANN401 - as above
    """Nor is another method of a described one."""
    answers = [
        await ask(sandbox, key, method, path)
        for method, path in (("GET", "/v1/verify"), ("POST", "/v1/keys/import"), ("PUT", "/v1/keys"))
    ]

    assert [answer.status for answer in answers] == [404, 405, 405]
