"""`openpositions.sync` against a real service of each kind: what the asynchronous client does, without asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

import openpositions
import openpositions.sync
from openpositions.errors import ClientClosed, InvalidInput, NotAuthenticated, RequestFailed
from openpositions.sync import Client
from tests.acceptance.http import feed, fill
from tests.acceptance.service import Service
from tests.client.account import Account
from tests.client.amounts import decimals

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def client(service: Service, user: str) -> Iterator[Client]:
    """A client of the user."""
    with Client(service.url, service.callers[user].key_id, service.key_file) as client:
        yield client


class Trader:
    """An account for a test that is no coroutine."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def buy(self, market: str, side: str = "yes", **more: Any) -> int:  # noqa: ANN401 - what a fill has
        """Acquires contracts; the sequence then."""
        return asyncio.run(self.account.buy(market, side, **more))

    def settle(self, market: str, result: str) -> int:
        """Ends a market; the sequence then."""
        return asyncio.run(self.account.settle(market, result))


@pytest.fixture
def trader(account: Account) -> Trader:
    """The user, who can trade."""
    return Trader(account)


def test_rows_come_one_after_the_other(trader: Trader, client: Client) -> None:
    """First what is held, then what changes."""
    trader.buy("A", price="0.4000")
    with client.positions() as stream:
        assert next(stream).position == 10
        trader.buy("A")
        assert next(stream).position == 20
        trader.settle("A", "yes")
        assert next(stream).realized_pnl == 11


def test_many_rows_come_in_order(trader: Trader, client: Client) -> None:
    """Although many cross from the other thread at once."""
    tickers = [trader.account.ticker(f"M{number:03}") for number in range(300)]
    asyncio.run(feed(trader.account.service, *(fill(ticker, trader.account.user, ticker) for ticker in tickers)))
    with client.positions() as stream:
        assert [next(stream).market_ticker for _ in tickers] == tickers


@pytest.mark.parametrize("kind", ["full"], indirect=True)
def test_a_bookmark_stands_behind_the_last_row_taken(trader: Trader, client: Client) -> None:
    """Although more rows have come already."""
    trader.buy("A")
    with client.positions() as stream:
        next(stream)
        sequences = [trader.buy("A") for _ in range(5)]
        assert [next(stream).sequence for _ in range(2)] == sequences[:2]
        bookmark = stream.bookmark
        assert bookmark is not None
        assert bookmark.sequence == sequences[1]
    with client.positions(since=bookmark) as stream:
        assert next(stream).sequence == sequences[-1]


def test_a_stream_says_what_it_is(kind: str, trader: Trader, client: Client) -> None:
    """Stale until everything held was told; exact or probable once the service has answered."""
    trader.buy("A")
    stream = client.positions()
    assert (stream.stale, stream.continuity) == (True, None)
    assert next(iter(stream)).position == 10
    trader.buy("A")
    next(stream)
    assert (stream.stale, stream.continuity) == (False, "exact" if kind == "full" else "probable")
    stream.close()
    assert list(stream) == []


def test_a_closed_portfolio_shows_what_it_showed(trader: Trader, client: Client) -> None:
    """And is stale."""
    trader.buy("A")
    with client.portfolio() as portfolio:
        assert not portfolio.stale
    assert (portfolio.exposure, portfolio.stale) == (Decimal(5), True)
    assert [totals.exposure for totals in portfolio.changes()] == [5]


def test_positions_can_be_had_as_tables(trader: Trader, client: Client) -> None:
    """As in the asynchronous client."""
    trader.buy("A")
    portfolio = client.portfolio()
    ticker = trader.account.ticker("A")
    assert portfolio.to_pandas()["market_ticker"].to_list() == [ticker]
    assert portfolio.to_polars()["market_ticker"].to_list() == [ticker]


def test_a_portfolio_is_kept_current(trader: Trader, client: Client) -> None:
    """While the program does something else."""
    trader.buy("A", price="0.4000")
    portfolio = client.portfolio()
    assert (portfolio.exposure, portfolio.positions[trader.account.ticker("A")].cost) == decimals("4", "4")
    trader.buy("B")
    for totals in portfolio.changes():
        if totals.exposure == 9:
            break
    snapshot = portfolio.snapshot()
    assert sum(holding.cost for holding in snapshot.positions.values()) == snapshot.totals.exposure == 9
    assert not portfolio.stale


def test_the_portfolio_is_the_same_one_every_time(client: Client) -> None:
    """Until it ends, as in the asynchronous client."""
    portfolio = client.portfolio()
    assert client.portfolio() is portfolio
    portfolio.close()
    assert client.portfolio() is not portfolio


@pytest.mark.parametrize("module", [openpositions, openpositions.sync])
def test_a_portfolio_shows_each_of_its_totals(module: Any) -> None:  # noqa: ANN401 - a module
    """By the same name."""
    assert set(openpositions.Totals.__struct_fields__) <= public(module.Portfolio)


def test_callbacks_are_called_in_the_background(trader: Trader, client: Client) -> None:
    """They may look at the portfolio, but not wait for the service."""
    portfolio = client.portfolio()
    seen: list[tuple[Decimal, int, str]] = []
    called = threading.Event()

    def callback(totals: openpositions.Totals) -> None:
        with pytest.raises(RuntimeError, match="callback cannot wait"):
            client.balance()
        seen.append((totals.exposure, len(portfolio.positions), threading.current_thread().name))
        called.set()

    end = portfolio.on_change(callback)
    trader.buy("A")
    assert called.wait(30)
    assert seen[-1] == (Decimal(5), 1, "openpositions")
    end()
    with pytest.raises(InvalidInput, match="callback"):
        portfolio.on_change("nonsense")  # type: ignore[arg-type]


def test_iterators_can_be_closed(trader: Trader, client: Client) -> None:
    """With `contextlib.closing`, which a type checker lets pass too."""
    trader.buy("A")
    with closing(client.fills()) as fills, closing(client.portfolio().changes()) as changes:
        assert (next(fills).count, next(changes).exposure) == decimals("10", "5")
    assert (list(fills), list(changes)) == ([], [])


def test_fills_settlements_and_the_balance(trader: Trader, client: Client) -> None:
    """Every page of them."""
    trader.buy("A", price="0.4000")
    trader.settle("A", "yes")
    fills = [fill(f"t{number}", trader.account.user, trader.account.ticker("B")) for number in range(1_200)]
    asyncio.run(feed(trader.account.service, *fills))
    assert len(list(client.fills())) == 1_201
    assert [settlement.result for settlement in client.settlements()] == ["yes"]
    assert client.balance().cash == 6 - 1_200 * 5


def test_what_goes_wrong_is_raised_where_it_is_waited_for(service: Service, client: Client) -> None:
    """The same errors as in the asynchronous client."""
    with Client(service.url, "nobody", service.key_file) as stranger:
        with pytest.raises(NotAuthenticated):
            next(stranger.positions())
        with pytest.raises(NotAuthenticated):
            stranger.portfolio()
    with pytest.raises(RequestFailed, match="min_ts"):
        next(client.fills(min_ts=-1))
    with pytest.raises(InvalidInput, match="tickers"):
        client.positions("A")


def test_closing_lets_go_of_whoever_waits(trader: Trader, client: Client) -> None:
    """An iterator in another thread ends, and the thread of the library too."""
    trader.buy("A")
    stream = client.positions()
    next(stream)
    rest: list[object] = []
    waiting = threading.Thread(target=lambda: rest.extend(stream))
    waiting.start()
    client.close()
    waiting.join(30)
    assert (waiting.is_alive(), rest) == (False, [])
    client.close()
    stream.close()
    with pytest.raises(ClientClosed):
        client.balance()


def test_iterators_that_nobody_waits_for_end_with_the_client(trader: Trader, client: Client) -> None:
    """A program that is busy with a row when another thread closes the client comes to the end of its loop."""
    trader.buy("A")
    stream, changes = client.positions(), client.portfolio().changes()
    next(stream)
    next(changes)

    client.close()

    assert (list(stream), list(changes)) == ([], [])


@pytest.mark.parametrize("name", ["Client", "Portfolio", "PositionStream"])
def test_it_mirrors_the_asynchronous_library(name: str) -> None:
    """Method by method; what only an event loop needs is left out."""
    of_asyncio, of_threads = (public(getattr(module, name)) for module in (openpositions, openpositions.sync))
    assert of_asyncio - {"aclose", "ready", "several", "took", "has_ended", "take", "lost"} == of_threads


def public(kind: type) -> set[str]:
    """The names that a class offers."""
    return {name for name in dir(kind) if not name.startswith("_")}
