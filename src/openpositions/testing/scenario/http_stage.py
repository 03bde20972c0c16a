"""A service that is played to over HTTP."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import msgspec

from openpositions.client.requests import ask
from openpositions.errors import RequestFailed, TooManyRequests
from openpositions.testing.scenario.expectations import Row
from openpositions.wire.ingest.bodies import EventsAnswer
from openpositions.wire.sandbox.faults import ClockSkew, Restart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientSession

    from openpositions.wire.sandbox.faults import Fault

_T = TypeVar("_T")

_FAULTS_PATH = "/v1/faults"
_RESTART_SECONDS = 60
_LOOK_SECONDS = 0.02

# A user may read some hundred times a second; who expects more rows waits for a moment, but not for ever.
_MOST_PATIENCE = 100
_PATIENCE_SECONDS = 0.1


class _RowAnswer(msgspec.Struct):
    row: Row | None


class _FaultsAnswer(msgspec.Struct):
    starts: int


class SigningClock:
    """The time that requests to a service are signed with, whose clock a fault may have set ahead or back."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self, path: str) -> int:
        """Unix milliseconds for a request; those about faults are held against the true time."""
        return time.time_ns() // 1_000_000 + (0 if path == _FAULTS_PATH else self.ahead_ms)


class HttpStage:
    """A session with the service: its control socket, or signed at `clock` by a key of the scopes ingest and admin."""

    def __init__(self, session: ClientSession, clock: SigningClock) -> None:
        self._session = session
        self._clock = clock

    async def feed(self, body: bytes) -> EventsAnswer:
        """Posts events, one a line. Raises RequestFailed."""
        return await self._ask("POST", "/v1/events", EventsAnswer, body=body)

    async def make_fault(self, fault: Fault) -> None:
        """Makes a fault; a restart is over when this returns. Raises RequestFailed, also where this is no sandbox."""
        before = await self._ask("GET", _FAULTS_PATH, _FaultsAnswer)
        await self._ask("POST", _FAULTS_PATH, _FaultsAnswer, body=msgspec.json.encode(fault))
        if isinstance(fault, ClockSkew):
            self._clock.ahead_ms = fault.ms
        if isinstance(fault, Restart):
            await self._started_after(before.starts)

    async def row(self, user_id: str, market_ticker: str, subaccount: int) -> Row | None:
        """The row as it is now. Raises RequestFailed."""
        query = {"user_id": user_id, "market_ticker": market_ticker, "subaccount": str(subaccount)}
        return (await self._ask("GET", "/v1/rows", _RowAnswer, query=query)).row

    async def _started_after(self, starts: int) -> None:
        try:
            async with asyncio.timeout(_RESTART_SECONDS):
                while await self._starts() <= starts:  # noqa: ASYNC110 - in another process, perhaps
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise RequestFailed(f"the service did not come back within {_RESTART_SECONDS} s of its restart") from None

    async def _starts(self) -> int:
        """How often the service was started; 0 while it does not answer."""
        try:
            return (await self._ask("GET", _FAULTS_PATH, _FaultsAnswer)).starts
        except RequestFailed as error:
            if error.status is not None and error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return 0

    async def _ask(
        self,
        method: str,
        path: str,
        answer: type[_T],
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> _T:
        """The answer, waited for where the service says that it is asked too often."""
        for patience_left in reversed(range(_MOST_PATIENCE + 1)):
            try:
                return await ask(self._session, method, path, answer, query=query, body=body)
            except TooManyRequests:
                if not patience_left:
                    raise
            except RequestFailed as error:
                if error.status == HTTPStatus.NOT_FOUND and path == _FAULTS_PATH:
                    advice = "the service makes no faults: start it with `openpositions serve --sandbox`"
                    raise RequestFailed(advice, error.status) from None
                raise
            await asyncio.sleep(_PATIENCE_SECONDS)
        raise AssertionError  # the last attempt returns or raises
