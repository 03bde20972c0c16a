"""`client.portfolio()` against a real service of each kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from decimal import Decimal
from functools import partial

import pytest

from openpositions import Client, Portfolio, Totals
from openpositions.errors import InvalidInput, NotAuthenticated
from tests.acceptance.http import feed, fill
from tests.client.account import Account
from tests.client.amounts import decimals
from tests.client.proxy import Proxy
from tests.client.watching import PATIENCE_SECONDS, until

Connect = Callable[..., Client]

only_full = pytest.mark.parametrize("kind", ["full"], indirect=True)
only_plain = pytest.mark.parametrize("kind", ["plain-2025", "plain-2026"], indirect=True)


def held(account: Account, portfolio: Portfolio) -> dict[str, float]:
    """The position in each market."""
    return {ticker.removeprefix(f"{account.user}-"): float(one.position) for ticker, one in portfolio.positions.items()}


# ------------------------------------------------------------ of every kind of service


async def test_it_is_current_when_it_is_given(account: Account, connect: Connect) -> None:
    """Positions and sums of what is held, exact."""
    await account.buy("A", price="0.4000", fee="0.1700")
    await account.buy("A", "no", count="4.00", price="0.5000")
    await account.buy("B", "no", count="3.00", price="0.2000", fee="0.0100")
    portfolio = await connect().portfolio()
    assert held(account, portfolio) == {"A": 6, "B": -3}
    assert (portfolio.realized_pnl, portfolio.fees_paid, portfolio.exposure) == decimals("0.4", "0.18", "3.0")
    assert portfolio.totals.open_markets == 2
    assert not portfolio.stale


async def test_it_follows_what_changes(account: Account, connect: Connect) -> None:
    """Fills and settlements; a market that closes stays in it, flat."""
    portfolio = await connect().portfolio()
    assert dict(portfolio.positions) == {}
    await account.buy("A", price="0.4000")
    await until(portfolio, lambda: held(account, portfolio) == {"A": 10})
    await account.settle("A", "yes")
    await until(portfolio, lambda: held(account, portfolio) == {"A": 0})
    assert (portfolio.realized_pnl, portfolio.exposure) == decimals("6", "0")
    assert portfolio.open_markets == 0


async def test_without_marks_the_value_is_unknown(account: Account, connect: Connect) -> None:
    """None and not 0; with nothing held it is known to be 0."""
    portfolio = await connect().portfolio()
    assert (portfolio.unrealized_pnl, portfolio.market_value) == decimals("0", "0")
    await account.buy("A")
    await until(portfolio, lambda: bool(portfolio.positions))
    assert (portfolio.unrealized_pnl, portfolio.market_value) == (None, None)
    assert portfolio.unmarked_markets == (account.ticker("A"),)
    assert portfolio.positions[account.ticker("A")].unrealized_pnl is None


async def test_it_is_stale_while_disconnected(account: Account, proxy: Proxy, connect: Connect) -> None:
    """What it shows stays as it was; afterwards it shows what happened meanwhile."""
    await account.buy("A")
    await account.buy("B")
    portfolio = await connect(proxy.url).portfolio()
    proxy.is_down = True
    proxy.cut()
    await until(portfolio, lambda: portfolio.stale)
    assert held(account, portfolio) == {"A": 10, "B": 10}
    assert [holding.stale for holding in portfolio.positions.values()] == [True, True]
    await account.buy("A")
    await account.settle("B", "no")
    proxy.is_down = False
    await until(portfolio, lambda: not portfolio.stale)
    assert held(account, portfolio) == {"A": 20, "B": 0}
    assert [holding.stale for holding in portfolio.positions.values()] == [False, False]
    assert (portfolio.realized_pnl, portfolio.exposure) == decimals("-5", "10")


async def test_a_killed_service_is_found_again(account: Account, proxy: Proxy, connect: Connect) -> None:
    """After kill -9 and a new start it goes on."""
    await account.buy("A")
    portfolio = await connect(proxy.url).portfolio()
    account.service.kill()
    await until(portfolio, lambda: portfolio.stale)
    account.service.start()
    await account.buy("A")
    await until(portfolio, lambda: held(account, portfolio) == {"A": 20} and not portfolio.stale)


async def test_callbacks_are_called_until_they_are_ended(account: Account, connect: Connect) -> None:
    """With the totals; one that fails does no harm to others."""
    portfolio = await connect().portfolio()
    told: list[Totals] = []
    portfolio.on_change(lambda _: 1 / 0)
    end = portfolio.on_change(told.append)
    await account.buy("A")
    await until(portfolio, lambda: portfolio.exposure == 5)
    assert told[-1].exposure == 5
    end()
    count = len(told)
    await account.buy("A")
    await until(portfolio, lambda: portfolio.exposure == 10)
    assert len(told) == count


async def test_a_coroutine_function_is_no_callback(connect: Connect) -> None:
    """It would never be awaited."""
    portfolio = await connect().portfolio()

    async def callback(_: Totals) -> None: ...

    class Callback:
        async def __call__(self, _: Totals) -> None: ...

    async def generator(_: Totals) -> AsyncIterator[None]:
        yield

    for one in (callback, partial(callback), Callback(), partial(Callback()), generator):
        with pytest.raises(InvalidInput, match="callback must be a plain function, or an object that is called like"):
            portfolio.on_change(one)


async def test_a_snapshot_stays_as_it_is(account: Account, connect: Connect) -> None:
    """Whatever happens afterwards."""
    await account.buy("A")
    portfolio = await connect().portfolio()
    snapshot = portfolio.snapshot()
    await account.buy("B")
    await until(portfolio, lambda: len(portfolio.positions) == 2)
    assert list(snapshot.positions) == [account.ticker("A")]
    assert snapshot.totals.exposure == 5


async def test_it_is_the_same_one_every_time(connect: Connect) -> None:
    """Until it ends."""
    client = connect()
    portfolio, same = await asyncio.gather(client.portfolio(), client.portfolio())
    assert portfolio is same
    await portfolio.close()
    assert portfolio.stale
    assert await client.portfolio() is not portfolio


async def test_its_changes_can_be_closed(account: Account, connect: Connect) -> None:
    """With `contextlib.aclosing`, which a type checker lets pass too; the portfolio goes on."""
    portfolio = await connect().portfolio()
    async with aclosing(portfolio.changes()) as changes:
        assert (await anext(changes)).exposure == 0
    await account.buy("A")
    await until(portfolio, lambda: portfolio.exposure == 5)


async def test_closing_ends_its_changes(connect: Connect) -> None:
    """Whoever waits is let go."""
    client = connect()
    portfolio = await client.portfolio()

    async def drain() -> int:
        return sum([1 async for _ in portfolio.changes()])

    draining = asyncio.create_task(drain())
    await asyncio.sleep(0)
    await client.close()
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await draining >= 1


async def test_a_wrong_key_is_told_at_once(account: Account) -> None:
    """Before anything is shown."""
    async with Client(account.service.url, "nobody", account.service.key_file) as client:
        with pytest.raises(NotAuthenticated, match="knows no such key"):
            await client.portfolio()


async def test_totals_count_what_was_settled_before(account: Account, connect: Connect) -> None:
    """Although those markets are not shown; and go on to when more is settled and the connection was away."""
    await account.buy("A", price="0.4000", fee="0.0100")
    await account.settle("A", "yes")
    portfolio = await connect().portfolio()
    assert len(portfolio.positions) == 0
    assert (portfolio.realized_pnl, portfolio.fees_paid) == decimals("6", "0.01")
    await account.buy("B", price="0.4000")
    await account.settle("B", "no")
    await until(portfolio, lambda: portfolio.realized_pnl == 2)


# ------------------------------------------------------------ of the full service


@only_full
async def test_marks_value_what_is_held(account: Account, connect: Connect) -> None:
    """Each side at its own price; markets without a mark are named and left out."""
    await account.buy("A", price="0.4000")
    await account.buy("B", "no", count="5.00", price="0.2000")
    await account.buy("C")
    portfolio = await connect().portfolio()
    await account.mark("A", "0.6000")
    await account.mark("B", "0.7000")
    await until(portfolio, lambda: portfolio.unmarked_markets == (account.ticker("C"),))
    assert (portfolio.unrealized_pnl, portfolio.market_value) == decimals("2.5", "7.5")
    of_a, of_b, of_c = (portfolio.positions[account.ticker(market)] for market in "ABC")
    assert (of_a.mark, of_a.market_value, of_a.unrealized_pnl) == decimals("0.6", "6", "2")
    assert (of_b.mark, of_b.market_value, of_b.unrealized_pnl) == decimals("0.7", "1.5", "0.5")
    assert (of_c.mark, of_c.market_value, of_c.unrealized_pnl) == (None, None, None)


@only_full
async def test_it_says_what_it_is_as_of(account: Account, connect: Connect) -> None:
    """The sequence of the journal, and exact continuity."""
    await account.buy("A")
    portfolio = await connect().portfolio()
    sequence = await account.buy("A")
    await until(portfolio, lambda: portfolio.sequence == sequence)
    assert portfolio.positions[account.ticker("A")].sequence == sequence
    assert portfolio.continuity == "exact"
    assert portfolio.time is not None


@only_full
async def test_subaccounts_add_up_to_a_holding(account: Account, connect: Connect) -> None:
    """Opposite positions of two of them cancel out in contracts, not in cost or value."""
    await account.buy("A", price="0.4000")
    await account.buy("A", "no", price="0.5000", subaccount=1)
    await account.mark("A", "0.6000")
    portfolio = await connect().portfolio()
    holding = portfolio.positions[account.ticker("A")]
    assert (holding.position, holding.cost, holding.market_value) == decimals("0", "9", "10")
    assert [row.subaccount for row in holding.rows] == [0, 1]


@only_full
async def test_positions_and_totals_are_of_one_sequence(account: Account, proxy: Proxy, connect: Connect) -> None:
    """Whatever is shown adds up, under load and through cuts."""
    portfolio = await connect(proxy.url).portfolio()
    wrong: list[tuple[Decimal, Totals]] = []

    def check(totals: Totals) -> None:
        costs = sum((holding.cost for holding in portfolio.positions.values()), Decimal(0))
        if costs != totals.exposure:
            wrong.append((costs, totals))

    portfolio.on_change(check)
    sequence = 0
    for round_ in range(60):
        fills = (
            fill(f"{account.user}-{round_}-{market}", account.user, account.ticker(f"M{market}"), count="1.00")
            for market in range(40)
        )
        sequence = await feed(account.service, *fills)
        if round_ % 20 == 19:
            proxy.cut()
    await until(portfolio, lambda: not portfolio.stale and portfolio.sequence == sequence)
    assert wrong == []
    assert portfolio.exposure == Decimal("0.5") * 60 * 40


# ------------------------------------------------------------ of a service without extensions


@only_plain
async def test_continuity_is_only_probable(account: Account, connect: Connect) -> None:
    """And there is no sequence."""
    await account.buy("A")
    portfolio = await connect().portfolio()
    assert (portfolio.continuity, portfolio.sequence) == ("probable", None)


@pytest.mark.parametrize("kind", ["plain-2025"], indirect=True)
async def test_a_part_of_a_contract_is_open_and_of_unknown_value(account: Account, connect: Connect) -> None:
    """Frames of 2025 drop it: the position shows as 0, and no loss is made up of what it cost."""
    portfolio = await connect().portfolio()
    await account.buy("A", count="0.50", price="0.4000")
    await until(portfolio, lambda: bool(portfolio.positions))
    holding = portfolio.positions[account.ticker("A")]
    assert (holding.position, holding.cost) == decimals("0", "0.2")
    assert (holding.market_value, holding.unrealized_pnl) == (None, None)
    assert (portfolio.exposure, portfolio.open_markets) == (Decimal("0.2"), 1)
    assert (portfolio.market_value, portfolio.unrealized_pnl) == (None, None)
    assert portfolio.unmarked_markets == (account.ticker("A"),)
