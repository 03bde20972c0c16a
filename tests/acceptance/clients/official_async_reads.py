"""Prints what the venue's own asynchronous client makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from kalshi_python_async import Configuration, KalshiClient

from tests.acceptance.clients.lines import show_awaited


def connected(url: str, key_id: str, key_file: str) -> KalshiClient:
    """A client that signs."""
    configuration = Configuration(host=f"{url}/trade-api/v2")
    configuration.api_key_id = key_id
    configuration.private_key_pem = Path(key_file).read_text(encoding="ascii")
    return KalshiClient(configuration)


async def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    client = connected(url, key_id, key_file)

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
    await client.close()


asyncio.run(main(*sys.argv[1:]))
