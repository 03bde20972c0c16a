"""Rows as services of every kind tell them."""

from __future__ import annotations

import json
from decimal import localcontext
from pathlib import Path

import msgspec
import pytest

from openpositions.client.records import RestBalance, RestFill, RestFills, RestSettlements
from openpositions.client.rows import RestPositions, row_of_frame, row_of_rest, time_of
from openpositions.errors import InvalidInput
from tests.client.amounts import decimals

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"


def row_of(**message: object) -> object:
    """The row of a frame with this message."""
    return row_of_frame(msgspec.Raw(msgspec.json.encode(message)))


def test_the_frame_of_the_original_page() -> None:
    """Integers are centi-cents and whole contracts."""
    row = row_of_frame(
        msgspec.Raw(
            b'{"user_id":"user123","market_ticker":"FED-23DEC-T3.00","position":100,"position_cost":500000,'
            b'"realized_pnl":100000,"fees_paid":10000,"volume":15}'
        )
    )
    assert (row.position, row.cost, row.realized_pnl, row.fees_paid, row.volume) == decimals(
        "100", "50", "10", "1", "15"
    )
    assert (row.fee_cost, row.sequence, row.time, row.cause) == (None, None, None, None)


def test_what_costs_something_is_open() -> None:
    """Although a frame of 2025 drops the part of a contract that is held."""
    amounts = b'"position":0,"realized_pnl":0,"fees_paid":0,"volume":0'
    part, nothing = (
        row_of_frame(msgspec.Raw(b'{"market_ticker":"A","position_cost":%d,%s}' % (cost, amounts))) for cost in (1, 0)
    )
    assert (part.is_open, nothing.is_open) == (True, False)


def test_texts_win_over_integers() -> None:
    """They are exact where integers are rounded."""
    row = row_of_frame(
        msgspec.Raw(
            b'{"user_id":"u","market_ticker":"A","position":1,"position_cost":1,"realized_pnl":-1,"fees_paid":0,'
            b'"volume":1,"position_fp":"1.50","position_cost_dollars":"0.000149","realized_pnl_dollars":"-0.000051",'
            b'"fees_paid_dollars":"0.0000","position_fee_cost_dollars":"0.0000","volume_fp":"1.50"}'
        )
    )
    assert (row.position, row.cost, row.realized_pnl) == decimals("1.5", "0.000149", "-0.000051")


def test_amounts_do_not_depend_on_the_decimal_context() -> None:
    """A program that computes with three digits still gets all of them."""
    with localcontext() as context:
        context.prec = 3
        row = row_of_frame(
            msgspec.Raw(
                b'{"market_ticker":"A","position":-123456789,"position_cost":123456789,"realized_pnl":-1,"fees_paid":0}'
            )
        )
    assert (str(row.position), str(row.cost), str(row.realized_pnl)) == ("-123456789", "12345.6789", "-0.0001")


def test_prices_and_cents_do_not_depend_on_the_decimal_context() -> None:
    """Of fills, settlements and the balance: a NO at 0.9877 is not one at 0.99."""
    fill = msgspec.json.decode(
        b'{"side":"no","count_fp":"1.00","created_time":"2024-01-01T00:00:00Z","yes_price_dollars":"0.0123"}',
        type=RestFill,
    )
    balance = msgspec.json.decode(b'{"balance":123456,"portfolio_value":-5,"updated_ts":1}', type=RestBalance)
    with localcontext() as context:
        context.prec = 2
        shown = fill.typed().no_price, balance.typed().cash, balance.typed().portfolio_value
    assert tuple(map(str, shown)) == ("0.9877", "1234.56", "-0.05")


@pytest.mark.parametrize("position", ["NaN", "Infinity", "x", None, True, [1]])
def test_an_amount_that_is_none_is_refused(position: object) -> None:
    """By the name of its field; a row is never made up."""
    amounts = {"position_cost_dollars": "0", "realized_pnl_dollars": "0", "fees_paid_dollars": "0"}
    with pytest.raises(InvalidInput, match="position"):
        row_of(market_ticker="A", position_fp=position, **amounts)


def test_a_time_beyond_the_calendar_is_refused() -> None:
    """Microseconds given by mistake are."""
    with pytest.raises(InvalidInput, match="ts_ms"):
        time_of(10**18)


def test_a_rest_row_of_cents_alone_is_read() -> None:
    """As the venue's first rows were."""
    page = msgspec.json.decode(
        b'{"market_positions":[{"ticker":"A","position":-3,"market_exposure":150,"realized_pnl":-20,"fees_paid":1}]}',
        type=RestPositions,
    )
    row = row_of_rest(page.market_positions[0], None, 0)
    assert (row.position, row.cost, row.realized_pnl, row.fees_paid) == decimals("-3", "1.5", "-0.2", "0.01")


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="captured answers are not on this machine")
def test_captured_answers_of_the_venue_are_read() -> None:
    """Every body of a read that was recorded from the venue decodes."""
    kinds: dict[str, type[msgspec.Struct]] = {
        "rest_positions_response": RestPositions,
        "rest_fills_response": RestFills,
        "rest_settlements_response": RestSettlements,
        "rest_balance_response": RestBalance,
    }
    lines = (CAPTURES / "responses.jsonl").read_text(encoding="utf-8").splitlines()
    captured = [one for one in map(json.loads, lines) if one["kind"] in kinds]
    assert {one["kind"] for one in captured} == kinds.keys()
    for one in captured:
        msgspec.json.decode(msgspec.json.encode(one["data"]), type=kinds[one["kind"]])
