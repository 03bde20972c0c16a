"""Prints what pykalshi-client hands over, as lines of JSON; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL TICKER [TICKER ...]
"""

import asyncio
import json
import sys

from pykalshi import ClientConfig, KalshiCredentials, KalshiWebSocketClient
from pykalshi.models.ws import FillPayload, MarketLifecycleV2Payload, MarketPositionPayload

from tests.acceptance.clients.lines import FRAME_TYPES, commands, show

MODELS = {
    "market_positions": MarketPositionPayload,
    "fill": FillPayload,
    "market_lifecycle_v2": MarketLifecycleV2Payload,
}


async def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until it is killed."""

    async def show_parsed(text: str) -> None:
        frame = json.loads(text)
        if frame.get("type") == FRAME_TYPES[channel]:
            show(MODELS[channel].model_validate(frame).msg)

    client = KalshiWebSocketClient(
        KalshiCredentials.from_key_file(key_id, key_file),
        ClientConfig(ws_base_url=url.replace("http", "ws", 1)),
        on_message_callback=show_parsed,
    )
    await client.connect()
    await client.add_markets(list(tickers), [channel])

    async def obey() -> None:
        async for verb, *given in commands():
            if verb == "add":
                await client.add_market(given[0], [channel])
            elif verb == "remove":
                await client.remove_market(given[0], [channel])
            else:
                await client.unsubscribe_all()

    obeying = asyncio.create_task(obey())
    await client.listener_loop()
    obeying.cancel()


asyncio.run(main(*sys.argv[1:]))
