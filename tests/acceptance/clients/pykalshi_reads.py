"""Prints what pykalshi makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import sys

from pykalshi import KalshiClient

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    client = KalshiClient(api_key_id=key_id, private_key_path=key_file, api_base=f"{url}/trade-api/v2")
    portfolio = client.portfolio
    show_answers(
        {
            "balance": portfolio.get_balance,
            "positions": lambda: list(portfolio.get_positions()),
            "fills": lambda: list(portfolio.get_fills()),
            "settlements": lambda: list(portfolio.get_settlements()),
            "status": client.exchange.get_status,
        }
    )


main(*sys.argv[1:])
