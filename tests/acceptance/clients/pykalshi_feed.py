"""Prints the positions that pykalshi's Feed, which has a thread of its own, hands over, as lines of JSON.

Arguments: URL KEY_ID KEY_FILE DIALECT [TICKER ...]
"""

import json
import sys
import threading
from typing import Any

from pykalshi import KalshiClient


def show(message: Any) -> None:  # noqa: ANN401 - a model, or where the library knows none, a dict
    """Prints one message."""
    row = message if isinstance(message, dict) else message.model_dump(exclude_none=True)
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def main(url: str, key_id: str, key_file: str, dialect: str, *tickers: str) -> None:
    """Prints until it is killed."""
    client = KalshiClient(api_key_id=key_id, private_key_path=key_file, api_base=f"{url}/trade-api/v2")
    feed = client.feed()
    # The library has no argument for it.
    feed._ws_url = f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2?wire={dialect}"  # noqa: SLF001
    feed.on("market_positions", show)
    feed.subscribe("market_positions", market_tickers=list(tickers) or None)
    feed.start()
    threading.Event().wait()


main(*sys.argv[1:])
