"""Prints what synpath's KalshiStream hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import asyncio
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from synpath.trading.credentials import KalshiCredentials
from synpath.ws.base import FillEvent, MarketStatusEvent, PositionEvent
from synpath.ws.kalshi import KalshiStream

from tests.acceptance.clients.lines import commands, show


def row_of(event: Any) -> dict[str, Any] | None:  # noqa: ANN401 - the library's events
    """What the library made of a frame, with the ticker that stands in its market id; None for its own events."""
    if isinstance(event, PositionEvent):
        made = event.position
    elif isinstance(event, FillEvent):
        made = event.fill
    elif isinstance(event, MarketStatusEvent):
        made = event
    else:
        return None
    plain = made.model_dump if hasattr(made, "model_dump") else partial(asdict, made)
    fields: dict[str, Any] = {name: value for name, value in plain().items() if name not in {"info", "account"}}
    return fields | {"market_ticker": made.market_id.split(":")[1]}


def credentials(key_id: str, key_file: str) -> KalshiCredentials:
    """Reads the key."""
    return KalshiCredentials(key_id, Path(key_file).read_bytes())


async def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until it is killed."""
    async with KalshiStream(
        credentials(key_id, key_file), url=f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2"
    ) as stream:
        watch = {"market_positions": stream.watch_positions, "fill": stream.watch_my_trades}.get(channel)

        async def watch_markets(names: list[str]) -> None:
            if watch is None:
                await stream.watch_market_status()
            else:
                await watch([f"kalshi:{name}" for name in names] or None)

        async def obey() -> None:
            async for verb, *added in commands():
                if verb == "add":
                    await watch_markets(added)

        await watch_markets(list(tickers))
        obeying = asyncio.create_task(obey())
        async for event in stream:
            row = row_of(event)
            if row is not None:
                show(row)
        obeying.cancel()


asyncio.run(main(*sys.argv[1:]))
