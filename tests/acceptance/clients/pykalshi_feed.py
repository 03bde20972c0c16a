"""Prints what pykalshi's Feed, which has a thread of its own, hands over; `lines.py` has the commands that it takes.

Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import sys
import threading

from pykalshi import KalshiClient

from tests.acceptance.clients.lines import show


def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until it is killed."""
    client = KalshiClient(api_key_id=key_id, private_key_path=key_file, api_base=f"{url}/trade-api/v2")
    feed = client.feed()
    # The library has no argument for it.
    feed._ws_url = f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2"  # noqa: SLF001
    feed.on(channel, show)
    feed.subscribe(channel, market_tickers=list(tickers) or None)
    feed.start()
    for line in sys.stdin:
        verb, *added = line.split()
        if verb == "add":
            feed.subscribe(channel, market_tickers=added)
        elif verb == "unsubscribe":
            feed.unsubscribe(channel, market_tickers=list(tickers) or None)
    threading.Event().wait()


main(*sys.argv[1:])
