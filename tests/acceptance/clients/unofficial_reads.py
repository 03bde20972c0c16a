"""Prints what kalshi-python-unofficial makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import sys

import kalshi
from kalshi.rest import exchange, portfolio

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for everything that the service answers."""
    kalshi.auth.set_key(key_id, key_file)
    kalshi.constants.BASE_URL = url
    show_answers(
        {
            "balance": portfolio.GetBalance,
            "positions": lambda: portfolio.GetPositions()["market_positions"],
            "fills": lambda: portfolio.GetFills()["fills"],
            "settlements": lambda: portfolio.GetPortfolioSettlements()["settlements"],
            "status": exchange.GetExchangeStatus,
        }
    )


main(*sys.argv[1:])
