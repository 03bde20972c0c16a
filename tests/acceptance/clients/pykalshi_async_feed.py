"""Prints what pykalshi's AsyncFeed hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import asyncio
import sys

from pykalshi import AsyncKalshiClient

from tests.acceptance.clients.lines import commands, show


async def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until it is killed."""
    async with AsyncKalshiClient(
        api_key_id=key_id, private_key_path=key_file, api_base=f"{url}/trade-api/v2"
    ) as client:
        feed = client.feed()
        # The library has no argument for it.
        feed._ws_url = f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2"  # noqa: SLF001
        feed.subscribe(channel, market_tickers=list(tickers) or None)

        async def obey() -> None:
            async for verb, *added in commands():
                if verb == "add":
                    feed.subscribe(channel, market_tickers=added)
                elif verb == "unsubscribe":
                    feed.unsubscribe(channel, market_tickers=list(tickers) or None)

        obeying = asyncio.create_task(obey())
        async for message in feed:
            show(message)
        obeying.cancel()


asyncio.run(main(*sys.argv[1:]))
