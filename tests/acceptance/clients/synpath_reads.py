"""Prints what synpath makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from synpath.trading.credentials import KalshiCredentials
from synpath.trading.kalshi import KalshiTrading

from tests.acceptance.clients.lines import show_awaited


def credentials(key_id: str, key_file: str) -> KalshiCredentials:
    """Reads the key."""
    return KalshiCredentials(key_id, Path(key_file).read_bytes())


async def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    client = KalshiTrading(credentials(key_id, key_file), base_url=f"{url}/trade-api/v2")

    async def made(read: Any) -> Any:  # noqa: ANN401 - the library's models
        answer = await read()
        return [one.model_dump(mode="json", exclude={"info", "account"}) for one in getattr(answer, "items", answer)]

    await show_awaited(
        {
            "balance": client.fetch_balance,
            "positions": lambda: made(client.fetch_positions),
            "fills": lambda: made(client.fetch_my_trades),
            "settlements": lambda: made(client.fetch_settlements),
        }
    )
    await client.close()


asyncio.run(main(*sys.argv[1:]))
