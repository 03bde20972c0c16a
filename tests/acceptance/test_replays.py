"""A program written for the venue hears a recording."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.keys import KeyStore
from openpositions.testing.recording import Replay
from tests.acceptance.programs import Program, running
from tests.acceptance.service import Service, now_ms
from tests.testing.recording.recordings import received, session, subscribed

ROWS = [
    {
        "user_id": "alice",
        "market_ticker": "A-1",
        "position_fp": f"{position}.00",
        "position_cost_dollars": "4.0000",
        "realized_pnl_dollars": "0.0000",
        "fees_paid_dollars": "0.1700",
        "position_fee_cost_dollars": "0.1700",
        "volume_fp": "10.00",
    }
    for position in (10, 7)
]
RECORDED = session(
    subscribed(0, "market_positions", 14),
    *(received(10_000, {"type": "market_position", "sid": 14, "msg": row}) for row in ROWS),
)


@pytest.mark.parametrize(
    "program",
    [Program("pykalshi-2.0.0", "pykalshi_async_feed"), Program("kalshi-python-unofficial-0.0.1", "unofficial_client")],
    ids=str,
)
async def test_a_program_gets_the_rows_of_a_recording(tmp_path: Path, rsa_key: RSAPrivateKey, program: Program) -> None:
    """Connected, signed and subscribed as at the venue, with its own key."""
    service = Service(tmp_path, rsa_key)  # it does not run: only its keys are used
    service.add_key("alice")
    keys = KeyStore(service.data / "keys.db", now_ms)
    async with (
        Replay(RECORDED, keys).listening("127.0.0.1", 0) as url,
        running(service, program, "alice", "market_positions", url=url) as listening,
    ):
        heard = [await listening.next_row() for _ in ROWS]
    keys.close()

    assert heard == ROWS
