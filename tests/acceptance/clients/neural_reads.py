"""Prints what neural-sdk makes of the positions, as JSON.

Arguments: URL KEY_ID KEY_FILE
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kalshi_python import Configuration, KalshiClient
from neural.trading.kalshi_adapter import KalshiAdapter

from tests.acceptance.clients.lines import show_answers


def main(url: str, key_id: str, key_file: str) -> None:
    """Asks for what it normalizes."""

    def made(**credentials: Any) -> KalshiClient:  # noqa: ANN401 - what the adapter passes on
        # As its own factory does it, which leaves the address out.
        configuration = Configuration(host=f"{url}/trade-api/v2")
        configuration.api_key_id = credentials["api_key_id"]
        configuration.private_key_pem = credentials["private_key_pem"]
        return KalshiClient(configuration)

    adapter = KalshiAdapter(api_key_id=key_id, private_key_pem=Path(key_file).read_bytes(), client_factory=made)
    show_answers({"positions": lambda: [asdict(row) for row in adapter.get_positions()]})


main(*sys.argv[1:])
