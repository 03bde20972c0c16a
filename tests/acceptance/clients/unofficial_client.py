"""Prints the frames that kalshi-python-unofficial hands over, as lines of JSON.

Arguments: URL KEY_ID KEY_FILE DIALECT [TICKER ...]
"""

import asyncio
import json
import sys
from typing import Any

import kalshi
from kalshi.websocket import Client


class Positions(Client):  # type: ignore[misc]  # the library has no types
    """Prints the rows of the markets that it was made for."""

    def __init__(self, tickers: list[str]) -> None:
        super().__init__()
        self._tickers = tickers

    async def on_open(self) -> None:
        """Subscribes."""
        await self.subscribe(["market_positions"], self._tickers)

    async def on_message(self, message: dict[str, Any]) -> None:
        """Prints a row."""
        if message["type"] == "market_position":
            sys.stdout.write(json.dumps(message["msg"]) + "\n")
            sys.stdout.flush()


def main(url: str, key_id: str, key_file: str, dialect: str, *tickers: str) -> None:
    """Prints until the connection ends."""
    kalshi.auth.set_key(key_id, key_file)
    address = f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2?wire={dialect}"
    asyncio.run(Positions(list(tickers)).connect(address))


main(*sys.argv[1:])
