"""Signed requests to the service."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.acceptance.service import Address, Service, Signer

# For a service to be there again.
_PATIENCE_SECONDS = 20


class Answer(NamedTuple):
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:  # noqa: ANN401 - JSON
        """The body, decoded."""
        return json.loads(self.body)


async def ask(
    service: Address,
    caller: Signer | None,
    method: str,
    path: str,
    body: bytes | BytesIO = b"",
    *,
    headers: Mapping[str, str] | None = None,
    session: ClientSession | None = None,
    **parameters: object,
) -> Answer:
    """Makes one request, signed by a caller where there is one; through a session where one is given.

    The certificate of a service is not looked at: that is for tests of its own.
    """
    if session is None:
        async with ClientSession() as own:
            return await ask(service, caller, method, path, body, headers=headers, session=own, **parameters)
    signed = caller.headers(method, path) if caller else {}
    query = f"?{urlencode(parameters)}" if parameters else ""
    async with session.request(
        method, service.url + path + query, data=body, headers={**signed, **(headers or {})}, ssl=False
    ) as response:
        return Answer(response.status, response.headers, await response.read())


async def until_started(service: Address, admin: Signer, starts: int) -> None:
    """Returns when a sandbox was started so many times, and accepts; one that is about to stop answers too."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            with suppress(ClientError):
                answer = await ask(service, admin, "GET", "/v1/faults")
                if answer.status == HTTPStatus.OK and answer.content["starts"] == starts:
                    return
            await asyncio.sleep(0.01)


async def feed(service: Service, *events: Mapping[str, Any], session: ClientSession | None = None) -> int:
    """Has every event accepted; the sequence then."""
    answer = await ask(service, service.callers["feeder"], "POST", "/v1/events", ndjson(events), session=session)
    assert answer.status == 200, answer
    assert answer.content["accepted"] == len(events), answer
    return int(answer.content["sequence"])


async def connections(service: Service) -> int:
    """How many sockets the service holds open."""
    answer = await ask(service, None, "GET", "/metrics")
    (count,) = re.findall(rb"^openpositions_connections ([0-9.]+)$", answer.body, re.MULTILINE)
    return int(float(count))


def ndjson(events: Iterable[Mapping[str, Any]]) -> bytes:
    """A body of events, one a line."""
    return b"\n".join(json.dumps(event).encode() for event in events)


def fill(
    trade_id: str,
    user_id: str,
    market_ticker: str,
    side: str = "yes",
    count: str = "10.00",
    price: str = "0.5000",
    fee: str = "0",
    **more: object,
) -> dict[str, Any]:
    """A fill that acquired contracts of a side, at the price of that side."""
    message = {
        "trade_id": trade_id,
        "user_id": user_id,
        "market_ticker": market_ticker,
        "outcome_side": side,
        f"{side}_price_dollars": price,
        "count_fp": count,
        "fee_cost": fee,
        "ts_ms": 1_701_388_800_000,
        **more,
    }
    return {"type": "fill", "msg": message}


def settlement(market_ticker: str, result: str, **more: object) -> dict[str, Any]:
    """The end of a market."""
    message = {"market_ticker": market_ticker, "result": result, "ts_ms": 1_703_200_000_000, **more}
    return {"type": "settlement", "msg": message}
