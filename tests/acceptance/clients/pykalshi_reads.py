"""Prints what pykalshi makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import json
import sys

from pykalshi import KalshiClient


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    client = KalshiClient(api_key_id=key_id, private_key_path=key_file, api_base=f"{url}/trade-api/v2")
    portfolio = client.portfolio
    answers = {
        "balance": portfolio.get_balance().model_dump(mode="json"),
        "positions": [row.model_dump(mode="json") for row in portfolio.get_positions()],
        "fills": [row.model_dump(mode="json") for row in portfolio.get_fills()],
        "settlements": [row.model_dump(mode="json") for row in portfolio.get_settlements()],
        "status": client.exchange.get_status().model_dump(mode="json"),
    }
    sys.stdout.write(json.dumps(answers))


main(*sys.argv[1:])
