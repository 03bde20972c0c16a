"""Feeds lines to a service: in order, one batch after the other is answered, again when no answer came."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions.cli.event_lines import Line
from openpositions.client.requests import ask
from openpositions.errors import RequestFailed
from openpositions.wire.ingest.bodies import EventsAnswer, Rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aiohttp import ClientSession

    from openpositions.cli.event_lines import Item

LINES_A_BATCH = 1_000
BYTES_A_BATCH = 4 << 20

# After a refusal that will pass, or none at all. Sending a batch again is always safe.
_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
_PASSING = frozenset({None, 429, 502, 503, 504})


class Batch(NamedTuple):
    """Lines that are sent together, and what of the file was not even worth sending."""

    lines: list[Line]
    rejected: list[Rejection]


async def feed(session: ClientSession, items: Iterable[Item], on_answer: Callable[[EventsAnswer], None]) -> None:
    """Sends all lines; `on_answer` gets every answer, its rejections under the line numbers of the file.

    Raises RequestFailed, which says from which line on the fate of the events is unknown.
    """
    for lines, rejected in _batches(items):
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
        on_answer(msgspec.structs.replace(answer, rejected=in_order))


def _batches(items: Iterable[Item]) -> Iterator[Batch]:
    batch, size = Batch([], []), 0
    for item in items:
        if isinstance(item, Line):
            if len(batch.lines) == LINES_A_BATCH or (batch.lines and size + len(item.text) > BYTES_A_BATCH):
                yield batch
                batch, size = Batch([], []), 0
            batch.lines.append(item)
            size += len(item.text)
        else:
            batch.rejected.append(item)
    yield batch


async def _post(session: ClientSession, body: bytes) -> EventsAnswer:
    for pause in _PAUSES_SECONDS:
        try:
            return await ask(session, "POST", "/v1/events", EventsAnswer, body=body)
        except RequestFailed as error:
            if error.status not in _PASSING:
                raise
        await asyncio.sleep(pause)
    return await ask(session, "POST", "/v1/events", EventsAnswer, body=body)
