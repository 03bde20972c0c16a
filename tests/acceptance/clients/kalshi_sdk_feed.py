"""Prints what kalshi-sdk hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL
"""

import asyncio
import sys

from kalshi import KalshiAuth, KalshiConfig
from kalshi.ws import KalshiWebSocket

from tests.acceptance.clients.lines import commands, show


async def main(url: str, key_id: str, key_file: str, channel: str) -> None:
    """Prints until it is killed."""
    config = KalshiConfig(base_url=f"{url}/trade-api/v2", ws_base_url=f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2")
    socket = KalshiWebSocket(KalshiAuth.from_key_path(key_id, key_file), config)
    async with socket.connect() as session:

        async def obey() -> None:
            async for _unsubscribe in commands():
                # It numbers its subscriptions from 1.
                await session.unsubscribe(1)

        obeying = asyncio.create_task(obey())
        async for message in await session.subscribe(channel):
            show(message.msg)
        await obeying


asyncio.run(main(*sys.argv[1:]))
