"""The example that follows a portfolio, run as a reader would run it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service

EXAMPLE = Path(__file__).parents[2] / "examples" / "follow_portfolio.py"


def lines(output: IO[str], count: int) -> list[str]:
    """The next so many lines."""
    return [output.readline().rstrip("\n") for _ in range(count)]


def test_it_prints_what_is_held_and_what_changes(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """From the first look, through a fill, to the end of the market."""
    service = Service(tmp_path, rsa_key)
    alice = service.add_key("alice")
    with service:
        asyncio.run(feed(service, fill("t1", "alice", "FED-A", price="0.4000")))
        command = [sys.executable, str(EXAMPLE), service.url, alice.key_id, str(service.key_file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as example:
            assert example.stdout is not None
            assert lines(example.stdout, 2) == [
                "as of 1: realized +0.0000, unrealized unknown, exposure 4.0000",
                "  FED-A: +10.00 for 4.0000",
            ]
            mark = {"type": "ticker", "msg": {"market_ticker": "FED-A", "price_dollars": "0.6000"}}
            asyncio.run(feed(service, mark))
            assert lines(example.stdout, 2) == [
                "as of 2: realized +0.0000, unrealized +2.0000, exposure 4.0000",
                "  FED-A: +10.00 for 4.0000",
            ]
            asyncio.run(feed(service, settlement("FED-A", "yes")))
            assert lines(example.stdout, 1) == ["as of 3: realized +6.0000, unrealized +0.0000, exposure 0.0000"]
            example.terminate()
