"""Prints what neural-sdk hands over, as lines of JSON; `lines.py` has the commands that it takes.

It connects by TLS only, so the URL must be https; the certificate is that of the tests.
Arguments: URL KEY_ID KEY_FILE CHANNEL [TICKER ...]
"""

import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from neural.trading.websocket import KalshiWebSocketClient

from tests.acceptance.clients.lines import show_frame


def main(url: str, key_id: str, key_file: str, channel: str, *tickers: str) -> None:
    """Prints until it is killed."""
    sids: list[int] = []

    def on_message(frame: dict[str, Any]) -> None:
        if frame.get("type") == "subscribed":
            sids.append(frame["msg"]["sid"])
        show_frame(channel, frame)

    client = KalshiWebSocketClient(
        api_key_id=key_id,
        private_key_pem=Path(key_file).read_bytes(),
        url=f"{url.replace('http', 'ws', 1)}/trade-api/ws/v2",
        on_message=on_message,
        ssl_context=ssl.create_default_context(cafile=Path(key_file).with_name("certificate.pem")),
    )
    client.connect()
    client.subscribe([channel], market_tickers=list(tickers) or None)
    for line in sys.stdin:
        verb, *given = line.split()
        if verb == "unsubscribe":
            client.unsubscribe(sids)
        else:
            action = {"add": "add_markets", "remove": "delete_markets"}[verb]
            client.update_subscription(sids[0], action=action, market_tickers=given)
    threading.Event().wait()


main(*sys.argv[1:])
