"""The `portfolio` channel over a real socket (protocol, 5.6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service
from tests.acceptance.websocket import connect

REST_SECONDS = 0.25


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service with its default settings."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    for user_id in ("alice", "bob", "carol", "dave"):
        service.add_key(user_id)
    with service:
        yield service


def ticker(market_ticker: str, price: str, ts_ms: int) -> dict[str, object]:
    """A price as the venue's frames have it."""
    return {"type": "ticker", "msg": {"market_ticker": market_ticker, "price_dollars": price, "ts_ms": ts_ms}}


async def test_totals_follow_rows_and_marks(service: Service) -> None:
    """Once on subscribing, then after a mark and after a settlement."""
    await feed(service, fill("t1", "alice", "RAIN", price="0.4000"))
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.subscribe("market_positions", "portfolio")
        first = (await socket.message())["msg"]
        await feed(service, ticker("RAIN", "0.6000", 1))
        marked = (await socket.message())["msg"]
        await feed(service, settlement("RAIN", "yes"))
        row, settled = await socket.message(), (await socket.message())["msg"]

    assert row["type"] == "market_position"
    assert [
        (told["open_markets"], told["unrealized_pnl_dollars"], told["realized_pnl_dollars"], told["unmarked_markets"])
        for told in (first, marked, settled)
    ] == [(1, None, "0.0000", ["RAIN"]), (1, "2.0000", "0.0000", []), (0, "0.0000", "6.0000", [])]


async def test_frames_leave_at_most_every_250_ms(service: Service) -> None:
    """However fast a price moves; the last one is told all the same."""
    await feed(service, fill("b1", "bob", "SNOW", price="0.4000"))
    moves = 60
    async with await connect(service, service.callers["bob"]) as socket:
        await socket.subscribe("portfolio")
        await socket.message()
        feeding = asyncio.create_task(move(service, moves))
        arrivals, value = [], ""
        while value != f"{moves / 10:.4f}":
            value = (await socket.message())["msg"]["market_value_dollars"] or ""
            arrivals.append(time.monotonic())
        await feeding

    assert len(arrivals) > 2
    # The clock of a busy machine lets one arrive late, and the next then on time.
    assert len(arrivals) <= 2 + (arrivals[-1] - arrivals[0]) / REST_SECONDS


async def test_large_portfolio_is_told_as_a_whole(service: Service) -> None:
    """Although it is counted in pieces."""
    markets = 2_500
    await feed(service, *(fill(f"c{number}", "carol", f"M{number}", price="0.4000") for number in range(markets)))
    async with await connect(service, service.callers["carol"]) as socket:
        await socket.subscribe("portfolio")
        told = (await socket.message())["msg"]

    assert (told["open_markets"], len(told["markets"]), told["exposure_dollars"]) == (markets, markets, "10000.0000")


async def test_reader_that_pauses_is_told_few_portfolios_each_after_its_positions(service: Service) -> None:
    """The last one is of all that was traded; none is older than a position before it allows."""
    rounds, markets = 300, 100
    async with await connect(service, service.callers["dave"], receive_buffer_bytes=4096) as socket:
        await socket.subscribe("market_positions", "portfolio", extended=True)
        await socket.message()
        started = time.monotonic()
        last_sequence = 0
        async with ClientSession() as session:
            for start in range(0, rounds, 10):
                trades = range(start * markets, (start + 10) * markets)
                fills = [fill(f"d{number}", "dave", f"D{number % markets}", count="1.00") for number in trades]
                last_sequence = await feed(service, *fills, session=session)
        valued_at, portfolios = 0, 0
        while valued_at < last_sequence:
            frame = await socket.message()
            sequence = frame["msg"]["sequence"]
            assert sequence > valued_at, "a position frame came after the portfolio that has it"
            if frame["type"] == "portfolio":
                valued_at, told = sequence, frame["msg"]
                portfolios += 1

    assert (told["open_markets"], told["exposure_dollars"]) == (markets, f"{rounds * markets * 0.5:.4f}")
    assert portfolios <= 1 + (time.monotonic() - started) / REST_SECONDS


async def move(service: Service, moves: int) -> None:
    """A price that goes up by a cent at a time, for a good second."""
    async with ClientSession() as session:
        for cents in range(1, moves + 1):
            await feed(service, ticker("SNOW", f"{cents / 100:.4f}", cents), session=session)
            await asyncio.sleep(0.02)
