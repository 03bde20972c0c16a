"""Prints what kalshi-sdk makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import sys

from kalshi import KalshiClient, KalshiConfig

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    config = KalshiConfig(base_url=f"{url}/trade-api/v2", ws_base_url=f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2")
    with KalshiClient(key_id=key_id, private_key_path=key_file, config=config) as client:
        portfolio = client.portfolio
        show_answers(
            {
                "balance": portfolio.balance,
                "positions": lambda: portfolio.positions().market_positions,
                "fills": lambda: list(portfolio.fills_all()),
                "settlements": lambda: list(portfolio.settlements_all()),
                "status": client.exchange.status,
            }
        )


main(*sys.argv[1:])
