"""Prints what dtr-kalshi makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import sys

from dtr_kalshi import KalshiSyncClient

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    client = KalshiSyncClient(api_key_id=key_id, api_key_secret=key_file)
    # The library has no argument for it.
    client.api_base_url = url
    show_answers(
        {
            "balance": lambda: client.get("/portfolio/balance"),
            "positions": lambda: client.get("/portfolio/positions", {"limit": 100})["market_positions"],
            "fills": lambda: client.get("/portfolio/fills")["fills"],
            "settlements": lambda: client.get("/portfolio/settlements")["settlements"],
            "status": lambda: client.get("/exchange/status"),
        }
    )


main(*sys.argv[1:])
