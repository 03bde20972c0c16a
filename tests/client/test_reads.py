"""Fills, settlements and the balance from Python, against a real service of each kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from openpositions import Client
from openpositions.errors import InvalidInput, RequestFailed
from openpositions.wire.signing import format_private_key
from tests.acceptance.http import feed, fill
from tests.client.account import Account
from tests.client.amounts import decimals

Connect = Callable[..., Client]


async def test_fills_come_newest_first(account: Account, connect: Connect) -> None:
    """Typed: the side acquired, what was paid for it, and exact amounts."""
    await account.buy("A", price="0.4000", fee="0.1700", order_id="o1", is_taker=True, ts_ms=1_701_388_800_000)
    await account.buy("A", "no", count="2.50", price="0.5500", ts_ms=1_701_388_801_000)
    newest, oldest = [fill async for fill in connect().fills()]
    assert (newest.side, newest.price, newest.yes_price, newest.count) == (
        "no",
        Decimal("0.55"),
        Decimal("0.45"),
        Decimal("2.5"),
    )
    assert (oldest.side, oldest.price, oldest.fee, oldest.order_id, oldest.is_taker) == (
        "yes",
        Decimal("0.4"),
        Decimal("0.17"),
        "o1",
        True,
    )
    assert oldest.time.isoformat() == "2023-12-01T00:00:00+00:00"
    assert oldest.market_ticker == account.ticker("A")


async def test_fills_can_be_narrowed(account: Account, connect: Connect) -> None:
    """By market, for one."""
    await account.buy("A")
    await account.buy("B")
    assert [fill.market_ticker async for fill in connect().fills(ticker=account.ticker("B"))] == [account.ticker("B")]


async def test_every_page_is_read(account: Account, connect: Connect) -> None:
    """A read gives 1,000 fills at most; an iterator gives all of them, each once."""
    trades = [f"t{number}" for number in range(2_500)]
    await feed(account.service, *(fill(trade, account.user, account.ticker("A")) for trade in trades))
    assert [fill.trade_id async for fill in connect().fills()] == trades[::-1]


async def test_an_iterator_can_be_closed(account: Account, connect: Connect) -> None:
    """With `contextlib.aclosing`, which a type checker lets pass too."""
    await account.buy("A")
    await account.settle("A")
    client = connect()
    async with aclosing(client.fills()) as fills, aclosing(client.settlements()) as settlements:
        assert [(await anext(fills)).side, (await anext(settlements)).result] == ["yes", "yes"]
    assert [fill async for fill in fills] == []


async def test_settlements_say_what_was_paid(account: Account, connect: Connect) -> None:
    """Counts and costs of both sides, and the revenue of the settlement itself."""
    await account.buy("A", price="0.4000", fee="0.0100")
    await account.buy("A", "no", count="4.00", price="0.5000")
    await account.settle("A", "yes", ts_ms=1_703_200_000_000)
    (settlement,) = [settlement async for settlement in connect().settlements()]
    assert (settlement.market_ticker, settlement.result, settlement.value) == (account.ticker("A"), "yes", Decimal(1))
    assert (settlement.yes_count, settlement.yes_cost, settlement.no_count, settlement.no_cost) == decimals(
        "10", "4", "4", "2"
    )
    assert (settlement.revenue, settlement.fee) == decimals("6", "0.01")
    assert settlement.time.isoformat() == "2023-12-21T23:06:40+00:00"


async def test_a_void_market_has_no_value(account: Account, connect: Connect) -> None:
    """None, and not 0."""
    await account.buy("A")
    await account.settle("A", "void")
    (settlement,) = [settlement async for settlement in connect().settlements()]
    assert (settlement.result, settlement.value) == ("void", None)


async def test_the_balance_is_cash_and_the_value_of_what_is_open(account: Account, connect: Connect) -> None:
    """Markets without a mark count at cost, and are named."""
    message = {"cash_id": f"{account.user}-c", "user_id": account.user, "amount_dollars": "100.00"}
    await feed(account.service, {"type": "cash", "msg": message})
    await account.buy("A", price="0.4000", fee="0.1234")
    await account.buy("B", price="0.5000")
    await account.mark("A", "0.7000")
    balance = await connect().balance()
    assert (balance.cash, balance.portfolio_value) == decimals("90.8766", "12")
    assert balance.unmarked_markets == (account.ticker("B"),)


async def test_a_bad_parameter_is_refused_by_name(connect: Connect) -> None:
    """The service says which, and what is allowed."""
    with pytest.raises(RequestFailed, match="min_ts must be Unix seconds"):
        _ = [fill async for fill in connect().fills(min_ts=-1)]


@pytest.mark.parametrize(
    ("read", "name", "value"),
    [
        ("fills", "ticker", ""),
        ("fills", "order_id", ""),
        ("fills", "ticker", "FED 23DEC"),
        ("fills", "ticker", "F" * 129),
        ("fills", "ticker", 7),
        ("settlements", "ticker", ""),
        ("settlements", "event_ticker", ""),
    ],
)
def test_an_empty_name_is_not_taken_for_all(rsa_key: RSAPrivateKey, read: str, name: str, value: object) -> None:
    """It is refused at once: whoever asks for one market gets one, or an error."""
    client = Client("http://127.0.0.1:1", "key-1", format_private_key(rsa_key))
    with pytest.raises(InvalidInput, match=f"{name} must be text of 1-128 printable ASCII characters"):
        getattr(client, read)(**{name: value})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "http://",
        "http://example.com/other",
        "http://a:x",
        "http://[",
        "http://a b",
        7,
    ],
)
def test_what_is_no_url_of_a_service_is_refused(url: str, account: Account) -> None:
    """At once, and not at the first connection."""
    with pytest.raises(InvalidInput, match="url"):
        Client(url, "key-1", account.service.key_file)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("quiet_seconds", 0),
        ("quiet_seconds", "15"),
        ("quiet_seconds", float("inf")),
        ("waiting_rows", 0),
        ("waiting_rows", 1.5),
        ("subaccounts", []),
        ("subaccounts", ["1"]),
        ("subaccounts", 1),
        ("tls", False),
    ],
)
def test_an_option_that_cannot_be_is_refused(option: str, value: object, account: Account) -> None:
    """By its name."""
    with pytest.raises(InvalidInput, match=option):
        Client(account.service.url, "key-1", account.service.key_file, **{option: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "/", "/trade-api/v2", "/trade-api/ws/v2"])
async def test_any_address_of_a_service_will_do(account: Account, connect: Connect, path: str) -> None:
    """That of its REST reads, of its socket, or none below the host."""
    assert (await connect(account.service.url + path).balance()).cash == 0
