"""Prints what dtr-kalshi hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import asyncio
import sys
from typing import Any

from dtr_kalshi import KalshiWebSocketConnection

from tests.acceptance.clients.lines import commands, show_frame


async def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until the connection ends."""
    connection = KalshiWebSocketConnection(api_key_id=key_id, api_key_secret=key_file)
    # The library has no argument for it.
    connection.ws_base_url = url.replace("http", "ws", 1)
    params: dict[str, Any] = {"channels": [channel]}
    if tickers:
        params["market_tickers"] = list(tickers)
    sid = 0

    async def obey() -> None:
        async for verb, *given in commands():
            if verb == "unsubscribe":
                await connection.send_message("unsubscribe", {"sids": [sid]})
            else:
                action = {"add": "add_markets", "remove": "delete_markets"}[verb]
                change = {"action": action, "sids": [sid], "market_tickers": given}
                await connection.send_message("update_subscription", change)

    async with connection:
        await connection.send_message("subscribe", params)
        obeying = asyncio.create_task(obey())
        async for frame in connection:
            if frame["type"] == "subscribed":
                sid = frame["msg"]["sid"]
            show_frame(channel, frame)
        obeying.cancel()


asyncio.run(main(*sys.argv[1:]))
