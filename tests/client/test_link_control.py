"""The library over the socket file of a data directory, without a key."""

from __future__ import annotations

from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from openpositions import Portfolio
from openpositions.client.follower import Follower
from openpositions.client.link import ControlLink
from openpositions.client.reads import Reads
from openpositions.client.runner import Options, Runner
from openpositions.errors import ServiceUnavailable
from openpositions.server.listen import controllable
from openpositions.server.service import running
from openpositions.server.settings import Settings
from tests.events import bought_yes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def portfolio_of(user: str, socket_file: Path) -> AsyncIterator[Portfolio]:
    """What a user holds, once it is current."""
    link = ControlLink(socket_file, user)
    follower = Follower(totals=True)
    portfolio = Portfolio(follower, lambda sink: Runner(link, Reads(link), follower, sink, Options()))
    try:
        yield await portfolio.ready()
    finally:
        await portfolio.close()
        await link.close()


@pytest.mark.parametrize("plain", [False, True], ids=["full", "plain"])
async def test_portfolio_of_the_user_that_is_named(tmp_path: Path, *, plain: bool) -> None:
    """By the socket, and by the reads where the service knows no extensions."""
    async with running(Settings(data=tmp_path, plain=plain)) as service, controllable(service) as path:
        await service.pipeline.submit([bought_yes("t1", user="bob"), bought_yes("t2", 3_00, user="alice")])
        async with portfolio_of("alice", path) as portfolio:
            held = {ticker: holding.position for ticker, holding in portfolio.positions.items()}

    assert held == {"RAIN": Decimal(3)}


async def test_nobody_listens(tmp_path: Path) -> None:
    """As for any service that does not answer."""
    with pytest.raises(ServiceUnavailable, match=r"control\.sock"):
        async with portfolio_of("alice", tmp_path / "control.sock"):
            pass
