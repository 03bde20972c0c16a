"""Whatever moves, and however its reader takes it, a portfolio comes to what the book says (protocol, 5.6)."""

import asyncio
from random import Random

import pytest

from openpositions.core.events import Event
from tests.events import bought_no, bought_yes, marked, settled
from tests.properties.worth import decoded, worth_of
from tests.server.peer import PATIENCE_SECONDS, Conversing, conversing

MARKETS = 8
STEPS = 400


@pytest.mark.parametrize("channels", [("portfolio",), ("portfolio", "market_positions")])
@pytest.mark.parametrize("seed", range(5))
async def test_last_portfolio_is_that_of_the_book(
    seed: int, channels: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to ask: a fill, a mark or a settlement while it rests, waits or is blocked is told in the end."""
    monkeypatch.setattr("openpositions.server.socket.PORTFOLIO_REST_MS", 1)
    draw = Random(seed)
    async with conversing() as one:
        await one.subscribe(*channels, **({"conflate_ms": 10} if draw.random() < 0.5 and len(channels) > 1 else {}))
        for step in range(STEPS):
            one.feed(event(draw, step))
            match draw.randrange(20):
                case 0:
                    one.peer.stop_taking()
                case 1 | 2:
                    one.peer.take()
                case 3 | 4:
                    await asyncio.sleep(0.001)
                case 5 | 6 | 7:
                    await asyncio.sleep(0)
        one.peer.take()

        async with asyncio.timeout(PATIENCE_SECONDS):
            book = one.journaled.book
            while last_worth(one) != worth_of(book.rows_of("alice"), book.market):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.005)


def event(draw: Random, step: int) -> Event:
    """Most often a mark of some market, sometimes a fill, now and then its end."""
    ticker = f"M{draw.randrange(MARKETS)}"
    match draw.randrange(100):
        case 0:
            return settled(draw.choice(["yes", "no"]), ticker=ticker)
        case number if number < 10:
            return bought_no(f"t{step}", draw.randrange(1, 500), draw.randrange(1, 9999), ticker=ticker)
        case number if number < 20:
            return bought_yes(f"t{step}", draw.randrange(1, 500), draw.randrange(1, 9999), ticker=ticker)
        case _:
            return marked(draw.choice([None, draw.randrange(1, 9999)]), ticker=ticker, ts_ms=step)


def last_worth(one: Conversing) -> object:
    """What the last portfolio frame says."""
    portfolios = [message for message in one.peer.received() if message["type"] == "portfolio"]
    return decoded(portfolios[-1]["msg"])
