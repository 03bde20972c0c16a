"""The past of a user, asked for page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from openpositions.cli.options import refuse_empty
from openpositions.client.requests import ask
from openpositions.errors import InvalidInput, RequestFailed
from openpositions.wire.rest.entries_page import EntriesAnswer
from openpositions.wire.rest.history_page import HistoryAnswer
from openpositions.wire.rest.series_body import SeriesAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession

    from openpositions.core.history import HistoryEntry

_PAGE = "1000"


def query_of(**parameters: object) -> dict[str, str]:
    """The parameters of a read. What is not given is left empty, which the service takes for absent.

    Raises Misconfigured for an option that was given empty.
    """
    for name, value in parameters.items():
        refuse_empty(f"--{name.removesuffix('_id').replace('_', '-')}", value)
    return {name: "" if value is None else str(value) for name, value in parameters.items()}


async def read_rows(session: ClientSession, query: dict[str, str]) -> HistoryAnswer:
    """The rows of all pages, in one."""
    path = "/v1/positions/history"
    whole = page = await ask(session, "GET", path, HistoryAnswer, query=query | {"limit": _PAGE})
    while page.cursor:
        page = await ask(session, "GET", path, HistoryAnswer, query=query | {"limit": _PAGE, "cursor": page.cursor})
        whole.market_positions += page.market_positions
    whole.cursor = ""
    return whole


class Entries(NamedTuple):
    """Some fills and adjustments, in order."""

    items: list[HistoryEntry]
    sequence: int
    """The entry of the journal up to which the read goes."""


async def read_entries(session: ClientSession, query: dict[str, str]) -> AsyncIterator[Entries]:
    """The fills and adjustments, oldest first, a page at a time."""
    cursor = ""
    while True:
        page = await ask(session, "GET", "/v1/entries", EntriesAnswer, query=query | {"limit": _PAGE, "cursor": cursor})
        try:
            items = page.history_entries()
        except (InvalidInput, msgspec.MsgspecError) as error:
            raise RequestFailed(f"GET /v1/entries was answered with what is no entry: {error}") from error
        yield Entries(items, page.sequence)
        cursor = page.cursor
        if not cursor:
            return


async def read_series(session: ClientSession, query: dict[str, str]) -> SeriesAnswer:
    """Profit and loss over time."""
    return await ask(session, "GET", "/v1/pnl/history", SeriesAnswer, query=query)
