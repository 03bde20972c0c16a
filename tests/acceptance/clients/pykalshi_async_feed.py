"""Prints the positions that pykalshi's AsyncFeed hands over, as lines of JSON.

Arguments: URL KEY_ID KEY_FILE DIALECT [TICKER ...]
"""

import asyncio
import json
import sys

from pykalshi import AsyncKalshiClient


async def main(url: str, key_id: str, key_file: str, dialect: str, *tickers: str) -> None:
    """Prints until it is killed."""
    api = f"{url}/trade-api/v2"
    async with AsyncKalshiClient(api_key_id=key_id, private_key_path=key_file, api_base=api) as client:
        feed = client.feed()
        # The library has no argument for it.
        feed._ws_url = f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2?wire={dialect}"  # noqa: SLF001
        feed.subscribe("market_positions", market_tickers=list(tickers) or None)
        async for message in feed:
            row = message if isinstance(message, dict) else message.model_dump(exclude_none=True)
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()


asyncio.run(main(*sys.argv[1:]))
