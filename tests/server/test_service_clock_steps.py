"""What a service does whose clock is set: what lasts a while is not measured by the time of day."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions.server.service import now_ms
from tests.acceptance.http import ask
from tests.acceptance.websocket import connect
from tests.server.live import live

BALANCE = "/trade-api/v2/portfolio/balance"


async def test_reads_are_taken_after_the_clock_went_back(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """By ten seconds, which was once how long everybody had to wait who had read before."""
    async with live(tmp_path, rsa_key) as service:
        alice = service.caller("alice")
        before = await ask(service, alice, "GET", BALANCE)
        service.service.now_ms = lambda: now_ms() - 10_000
        after = await ask(service, alice, "GET", BALANCE)

    assert (before.status, after.status) == (200, 200)


async def test_ticket_is_good_although_the_clock_went_forward(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """By a minute, which is longer than it lives."""
    async with live(tmp_path, rsa_key) as service:
        alice = service.caller("alice")
        ticket = (await ask(service, alice, "POST", "/v1/tickets")).content["ticket"]
        service.service.now_ms = lambda: now_ms() + 60_000
        async with await connect(service, None, f"?ticket={ticket}") as socket:
            assert await socket.subscribe("market_positions") == 1
