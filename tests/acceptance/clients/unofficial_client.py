"""Prints what kalshi-python-unofficial hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import asyncio
import sys
from typing import Any

import kalshi
from kalshi.websocket import Client

from tests.acceptance.clients.lines import commands, show_frame


class Subscriber(Client):  # type: ignore[misc]  # the library has no types
    """Prints the frames of one channel."""

    def __init__(self, channel: str, tickers: list[str]) -> None:
        super().__init__()
        self._channel = channel
        self._tickers = tickers

    async def on_open(self) -> None:
        """Subscribes."""
        await self.subscribe([self._channel], self._tickers)

    async def on_message(self, message: dict[str, Any]) -> None:
        """Prints a frame."""
        show_frame(self._channel, message)

    async def obey(self) -> None:
        """Adds markets as it is told to."""
        async for verb, *added in commands():
            if verb == "add":
                await self.subscribe([self._channel], added)


async def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until the connection ends."""
    kalshi.auth.set_key(key_id, key_file)
    client = Subscriber(channel, list(tickers))
    obeying = asyncio.create_task(client.obey())
    await client.connect(f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2")
    obeying.cancel()


asyncio.run(main(*sys.argv[1:]))
