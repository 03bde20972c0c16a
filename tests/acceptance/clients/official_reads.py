"""Prints what the venue's own client for synchronous programs makes of the portfolio reads, as JSON.

Arguments: URL KEY_ID KEY_FILE MODULE (kalshi_python or kalshi_python_sync)
"""

import sys
from importlib import import_module
from pathlib import Path

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str, module: str) -> None:
    """Asks for everything that the service answers."""
    library = import_module(module)
    configuration = library.Configuration(host=f"{url}/trade-api/v2")
    configuration.api_key_id = key_id
    configuration.private_key_pem = Path(key_file).read_text(encoding="ascii")
    client = library.KalshiClient(configuration)
    # The rows of the first generation of the client are called otherwise.
    rows = "positions" if module == "kalshi_python" else "market_positions"
    show_answers(
        {
            "balance": client.get_balance,
            "positions": lambda: getattr(client.get_positions(), rows),
            "fills": lambda: client.get_fills().fills,
            "settlements": lambda: client.get_settlements().settlements,
            "status": client.get_exchange_status,
        }
    )


main(*sys.argv[1:])
