"""Prints what kyro makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import asyncio
import os
import sys
from typing import Any

from kyro import RestClient, config_from_env
from kyro.rest import exchange, portfolio

from tests.acceptance.clients.lines import show_awaited


async def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    os.environ.update(KALSHI_BASE_URL=f"{url}/trade-api/v2", KALSHI_ACCESS_KEY=key_id, KALSHI_PRIVATE_KEY_PATH=key_file)
    async with RestClient(config_from_env()) as client:

        async def rows(read: Any, name: str) -> Any:  # noqa: ANN401 - JSON
            return (await read(client))[name]

        await show_awaited(
            {
                "balance": lambda: portfolio.get_balance(client),
                "positions": lambda: rows(portfolio.get_positions, "market_positions"),
                "fills": lambda: rows(portfolio.get_fills, "fills"),
                "settlements": lambda: rows(portfolio.get_settlements, "settlements"),
                "status": lambda: exchange.get_exchange_status(client),
            }
        )


asyncio.run(main(*sys.argv[1:]))
