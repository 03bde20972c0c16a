"""Prints what pykalshi-client makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import asyncio
import sys
from typing import Any

from pykalshi import ClientConfig, KalshiCredentials, KalshiHttpClient

from tests.acceptance.clients.lines import show_awaited


async def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    credentials = KalshiCredentials.from_key_file(key_id, key_file)
    async with KalshiHttpClient(credentials, ClientConfig(http_base_url=url)) as client:

        async def rows(read: Any, name: str) -> Any:  # noqa: ANN401 - the library's models
            return getattr(await read(), name)

        await show_awaited(
            {
                "balance": client.get_balance,
                "positions": lambda: rows(client.get_positions, "market_positions"),
                "fills": lambda: rows(client.get_fills, "fills"),
                "settlements": lambda: rows(client.get_settlements, "settlements"),
                "status": client.get_exchange_status,
            }
        )


asyncio.run(main(*sys.argv[1:]))
