"""Prints what kalshi-python-unofficial makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import json
import sys

import kalshi
from kalshi.rest import exchange, portfolio


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    kalshi.auth.set_key(key_id, key_file)
    kalshi.constants.BASE_URL = url
    answers = {
        "balance": portfolio.GetBalance(),
        "positions": portfolio.GetPositions()["market_positions"],
        "fills": portfolio.GetFills()["fills"],
        "settlements": portfolio.GetPortfolioSettlements()["settlements"],
        "status": exchange.GetExchangeStatus(),
    }
    sys.stdout.write(json.dumps(answers))


main(*sys.argv[1:])
