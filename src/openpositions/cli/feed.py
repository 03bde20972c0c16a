"""Feeds batches to a service: in order, one after the other is answered, again when no answer came."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from openpositions.client.requests import ask
from openpositions.errors import RequestFailed
from openpositions.wire.ingest.bodies import EventsAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientSession

    from openpositions.cli.inflow import Batch

# After a refusal that will pass, or none at all. Sending a batch again is always safe.
_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
_PASSING = frozenset({None, 429, 502, 503, 504})


async def feed(
    session: ClientSession, batches: AsyncIterator[Batch], on_answer: Callable[[EventsAnswer, Batch], Awaitable[None]]
) -> None:
    """Sends all lines; `on_answer` gets the answer to each batch, its rejections under the line numbers of the file.

    Raises RequestFailed, which says from which line on the fate of the events is unknown.
    """
    async for batch in batches:
        lines, rejected = batch
        answer = EventsAnswer(0, 0, [], 0)
        if lines:
            try:
                answer = await _post(session, b"".join(line.text for line in lines))
            except RequestFailed as error:
                raise RequestFailed(
                    f"{error}; from line {lines[0].number} on nothing is known to be taken, feed the file again"
                ) from error
        numbered = [msgspec.structs.replace(one, line=lines[one.line - 1].number) for one in answer.rejected]
        in_order = sorted([*rejected, *numbered], key=lambda one: one.line)
        await on_answer(msgspec.structs.replace(answer, rejected=in_order), batch)


async def _post(session: ClientSession, body: bytes) -> EventsAnswer:
    for pause in _PAUSES_SECONDS:
        try:
            return await ask(session, "POST", "/v1/events", EventsAnswer, body=body)
        except RequestFailed as error:
            if error.status not in _PASSING:
                raise
        await asyncio.sleep(pause)
    return await ask(session, "POST", "/v1/events", EventsAnswer, body=body)
