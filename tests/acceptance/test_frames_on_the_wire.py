"""What a subscriber gets for given fills and settlements, byte for byte on a real socket (protocol, 1 to 4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.acceptance.http import feed, fill, settlement
from tests.acceptance.service import Service
from tests.acceptance.websocket import WebSocket, connect

# 100 YES at 0.50, fee 1.00; then 40.50 of them closed by NO at 0.60, fee 0.10; then a scalar end at 0.75.
FRAMES = {
    "2025": [
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2025",'
            '"position":100,"position_cost":500000,"realized_pnl":0,"fees_paid":10000,"volume":100}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2025",'
            '"position":59,"position_cost":297500,"realized_pnl":-40500,"fees_paid":11000,"volume":140}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2025",'
            '"position":0,"position_cost":0,"realized_pnl":108250,"fees_paid":11000,"volume":140}}'
        ),
    ],
    "2026": [
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2026",'
            '"position_fp":"100.00","position_cost_dollars":"50.0000","realized_pnl_dollars":"0.0000",'
            '"fees_paid_dollars":"1.0000","position_fee_cost_dollars":"1.0000","volume_fp":"100.00"}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2026",'
            '"position_fp":"59.50","position_cost_dollars":"29.7500","realized_pnl_dollars":"-4.0500",'
            '"fees_paid_dollars":"1.1000","position_fee_cost_dollars":"0.5950","volume_fp":"140.50"}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-2026",'
            '"position_fp":"0.00","position_cost_dollars":"0.0000","realized_pnl_dollars":"10.8250",'
            '"fees_paid_dollars":"1.1000","position_fee_cost_dollars":"0.0000","volume_fp":"140.50"}}'
        ),
    ],
    "both": [
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-both",'
            '"position":100,"position_cost":500000,"realized_pnl":0,"fees_paid":10000,"volume":100,'
            '"position_fp":"100.00","position_cost_dollars":"50.0000","realized_pnl_dollars":"0.0000",'
            '"fees_paid_dollars":"1.0000","position_fee_cost_dollars":"1.0000","volume_fp":"100.00"}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-both",'
            '"position":59,"position_cost":297500,"realized_pnl":-40500,"fees_paid":11000,"volume":140,'
            '"position_fp":"59.50","position_cost_dollars":"29.7500","realized_pnl_dollars":"-4.0500",'
            '"fees_paid_dollars":"1.1000","position_fee_cost_dollars":"0.5950","volume_fp":"140.50"}}'
        ),
        (
            '{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-both",'
            '"position":0,"position_cost":0,"realized_pnl":108250,"fees_paid":11000,"volume":140,'
            '"position_fp":"0.00","position_cost_dollars":"0.0000","realized_pnl_dollars":"10.8250",'
            '"fees_paid_dollars":"1.1000","position_fee_cost_dollars":"0.0000","volume_fp":"140.50"}}'
        ),
    ],
}
FILLS = {
    "2025": '{"type":"fill","sid":1,"msg":{"trade_id":"fills-2025","order_id":"o1","market_ticker":"OIL-2025",'
    '"is_taker":true,"side":"no","action":"buy","yes_price":44,"no_price":56,"count":10,"fee_cost":"0.1700",'
    '"outcome_side":"no","book_side":"ask","purchased_side":"no","post_position":-10,'
    '"ts":1701388800,"ts_ms":1701388800123}}',
    "2026": '{"type":"fill","sid":1,"msg":{"trade_id":"fills-2026","order_id":"o1","market_ticker":"OIL-2026",'
    '"is_taker":true,"side":"no","action":"buy","yes_price_dollars":"0.4400","no_price_dollars":"0.5600",'
    '"count_fp":"10.00","fee_cost":"0.1700","outcome_side":"no","book_side":"ask","purchased_side":"no",'
    '"post_position_fp":"-10.00","ts":1701388800,"ts_ms":1701388800123,"exchange_index":0}}',
    "both": '{"type":"fill","sid":1,"msg":{"trade_id":"fills-both","order_id":"o1","market_ticker":"OIL-both",'
    '"is_taker":true,"side":"no","action":"buy","yes_price":44,"no_price":56,"count":10,'
    '"yes_price_dollars":"0.4400","no_price_dollars":"0.5600","count_fp":"10.00","fee_cost":"0.1700",'
    '"outcome_side":"no","book_side":"ask","purchased_side":"no","post_position":-10,"post_position_fp":"-10.00",'
    '"ts":1701388800,"ts_ms":1701388800123,"exchange_index":0}}',
}
DIALECTS = ["2025", "2026", "both"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, rsa_key: RSAPrivateKey) -> Iterator[Service]:
    """A service with its default settings."""
    service = Service(tmp_path_factory.mktemp("service"), rsa_key)
    for user_id in ("user123", "alice", "bob"):
        service.add_key(user_id)
    service.add_key("carol", subaccount=7)
    with service:
        yield service


async def expect(socket: WebSocket, message: str) -> None:
    """The next bytes of the socket are a text frame of exactly this message."""
    payload = message.encode()
    header = struct.pack("!BBH", 0x81, 126, len(payload)) if len(payload) > 125 else bytes([0x81, len(payload)])
    assert await socket.read(len(header) + len(payload)) == header + payload


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_each_trade_and_the_settlement_send_the_whole_row(service: Service, dialect: str) -> None:
    """After a trade, a partial close and a settlement the frame has the keys, order and numbers of its dialect."""
    ticker = f"FED-{dialect}"
    opening, closing, settled = FRAMES[dialect]
    async with await connect(service, service.callers["user123"], f"?wire={dialect}") as socket:
        await socket.send(b'{"id":1,"cmd":"subscribe","params":{"channels":["market_positions"]}}')
        await expect(socket, '{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":1}}')
        await feed(service, fill(f"{dialect}-1", "user123", ticker, count="100.00", fee="1.00"))
        await expect(socket, opening)
        await feed(service, fill(f"{dialect}-2", "user123", ticker, "no", count="40.50", price="0.6000", fee="0.10"))
        await expect(socket, closing)
        await feed(service, settlement(ticker, "scalar", settlement_value_dollars="0.7500"))
        await expect(socket, settled)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_fill_is_sent_to_who_follows_fills(service: Service, dialect: str) -> None:
    """The frame of the channel `fill` has the keys, order and numbers of its dialect."""
    async with await connect(service, service.callers["user123"], f"?wire={dialect}") as socket:
        await socket.subscribe("fill", market_tickers=[f"OIL-{dialect}"])
        bought = fill(f"fills-{dialect}", "user123", f"OIL-{dialect}", "no", price="0.5600", fee="0.1700")
        bought["msg"] |= {"is_taker": True, "order_id": "o1", "ts_ms": 1701388800123}
        await feed(service, bought)
        await expect(socket, FILLS[dialect])


async def test_a_settlement_is_told_to_everybody_who_follows_lifecycles(service: Service) -> None:
    """A market that settles without having been determined says both, to users without a position too."""
    async with await connect(service, service.callers["bob"]) as socket:
        await socket.subscribe("market_lifecycle_v2")
        await feed(service, settlement("TWICE-TOLD", "yes"))
        await expect(
            socket,
            '{"type":"market_lifecycle_v2","sid":1,"msg":{"market_ticker":"TWICE-TOLD",'
            '"determination_ts":1703200000,"result":"yes","settlement_value":"1.0000","event_type":"determined"}}',
        )
        await expect(
            socket,
            '{"type":"market_lifecycle_v2","sid":1,"msg":{"market_ticker":"TWICE-TOLD",'
            '"settled_ts":1703200000,"event_type":"settled"}}',
        )


async def test_a_command_in_a_binary_frame_is_answered_in_text(service: Service) -> None:
    """One public client sends its commands as binary frames."""
    async with await connect(service, service.callers["alice"]) as socket:
        await socket.send(b'{"id":0,"cmd":"list_subscriptions"}', opcode=0x2)
        await expect(socket, '{"id":0,"type":"ok","msg":[]}')


async def test_nobody_sees_the_rows_of_another_user(service: Service) -> None:
    """Of a market that two users trade, each is told their own side only, in positions and fills."""
    async with (
        await connect(service, service.callers["alice"]) as alice,
        await connect(service, service.callers["bob"]) as bob,
    ):
        for socket in (alice, bob):
            await socket.subscribe("market_positions", "fill")
        await feed(service, fill("shared-1", "alice", "SHARED"), fill("shared-2", "bob", "SHARED", "no"))
        await feed(service, settlement("SHARED", "yes"))
        assert await rows(alice) == [("alice", 10), ("alice", 0)]
        assert await rows(bob) == [("bob", -10), ("bob", 0)]


async def test_a_key_locked_to_a_subaccount_hears_of_no_other(service: Service) -> None:
    """Of two fills in two subaccounts the locked key is told the one in its own."""
    async with await connect(service, service.callers["carol"]) as socket:
        await socket.subscribe("market_positions")
        await feed(service, fill("locked-1", "carol", "LOCKED"), fill("locked-2", "carol", "LOCKED", subaccount=7))
        row = (await socket.message())["msg"]
        assert (row["subaccount"], row["volume_fp"]) == (7, "10.00")


async def rows(socket: WebSocket) -> list[tuple[str, int]]:
    """User and position of the row after a fill, whose own frame comes before it, and of the row after a settlement."""
    traded, opened, settled = [await socket.message() for _ in range(3)]
    assert traded["msg"]["post_position"] == opened["msg"]["position"]
    return [(frame["msg"]["user_id"], frame["msg"]["position"]) for frame in (opened, settled)]


async def test_a_plain_service_speaks_as_the_venue_does(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    """Nothing that was asked for beyond the venue's protocol is seen, and `wire` does not change the dialect."""
    service = Service(tmp_path, rsa_key, plain=True, wire="2026")
    service.add_key("user123")
    with service:
        await feed(service, fill("t1", "user123", "FED-23DEC-T3.00", count="100.00", price="0.5000"))
        async with await connect(service, service.callers["user123"], "?wire=2025") as socket:
            await socket.send(
                b'{"id":1,"cmd":"subscribe","params":{"channels":["market_positions"],"send_initial_snapshot":true,'
                b'"extended":true,"resume":{"epoch":"e","sequence":0},"conflate_ms":10}}'
            )
            assert await socket.text() == (b'{"type":"subscribed","id":1,"msg":{"channel":"market_positions","sid":1}}')
            await feed(service, fill("t2", "user123", "FED-23DEC-T3.00", count="100.00", price="0.5000"))
            assert await socket.text() == (
                b'{"type":"market_position","sid":1,"msg":{"user_id":"user123","market_ticker":"FED-23DEC-T3.00",'
                b'"position_fp":"200.00","position_cost_dollars":"100.0000","realized_pnl_dollars":"0.0000",'
                b'"fees_paid_dollars":"0.0000","position_fee_cost_dollars":"0.0000","volume_fp":"200.00"}}'
            )
