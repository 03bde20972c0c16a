"""Frames of the channel `fill`, byte for byte (protocol, 4)."""

import msgspec
import pytest

from openpositions.core.events import Fill
from openpositions.wire.socket.fill_frames import fill_message
from openpositions.wire.socket.frames import Dialect
from tests.events import bought_no, bought_yes, settled
from tests.journaled_book import book_after

TAKEN = Fill("t1", "alice", 0, "RAIN", True, 5600, 10_00, 170_000, 1_701_388_800_123, True, "o1", "c1")  # noqa: FBT003 - the fields of a fill


def message_of(fill: Fill, dialect: Dialect) -> bytes:
    """The message of a fill that was the first of its market."""
    row = book_after(fill).row(subaccount=fill.subaccount)
    return fill_message(fill, row, dialect)


def test_fill_of_2025_has_whole_cents_and_contracts() -> None:
    """The original names and forms."""
    assert message_of(TAKEN, Dialect.D2025) == (
        b'{"trade_id":"t1","order_id":"o1","market_ticker":"RAIN","is_taker":true,"side":"yes","action":"buy",'
        b'"yes_price":56,"no_price":44,"count":10,"fee_cost":"0.1700",'
        b'"outcome_side":"yes","book_side":"bid","purchased_side":"yes","post_position":10,'
        b'"ts":1701388800,"ts_ms":1701388800123}'
    )


def test_fill_of_2026_has_decimal_texts() -> None:
    """Today's names and forms."""
    assert message_of(TAKEN, Dialect.D2026) == (
        b'{"trade_id":"t1","order_id":"o1","market_ticker":"RAIN","is_taker":true,"side":"yes","action":"buy",'
        b'"yes_price_dollars":"0.5600","no_price_dollars":"0.4400","count_fp":"10.00","fee_cost":"0.1700",'
        b'"outcome_side":"yes","book_side":"bid","purchased_side":"yes","post_position_fp":"10.00",'
        b'"ts":1701388800,"ts_ms":1701388800123,"exchange_index":0}'
    )


def test_fill_of_both_carries_the_names_of_2025_first() -> None:
    """Integers before the texts that are exact."""
    assert message_of(TAKEN, Dialect.BOTH) == (
        b'{"trade_id":"t1","order_id":"o1","market_ticker":"RAIN","is_taker":true,"side":"yes","action":"buy",'
        b'"yes_price":56,"no_price":44,"count":10,'
        b'"yes_price_dollars":"0.5600","no_price_dollars":"0.4400","count_fp":"10.00","fee_cost":"0.1700",'
        b'"outcome_side":"yes","book_side":"bid","purchased_side":"yes","post_position":10,"post_position_fp":"10.00",'
        b'"ts":1701388800,"ts_ms":1701388800123,"exchange_index":0}'
    )


def test_fill_that_acquired_no_is_a_buy_of_no() -> None:
    """`side` is what was acquired, `action` always buy, the position after it negative; what was not fed is empty."""
    assert message_of(bought_no("t1", 2_50, 4400, fee=None), Dialect.D2026) == (
        b'{"trade_id":"t1","order_id":"","market_ticker":"RAIN","is_taker":false,"side":"no","action":"buy",'
        b'"yes_price_dollars":"0.5600","no_price_dollars":"0.4400","count_fp":"2.50","fee_cost":"0.0000",'
        b'"outcome_side":"no","book_side":"ask","purchased_side":"no","post_position_fp":"-2.50",'
        b'"ts":0,"ts_ms":0,"exchange_index":0}'
    )


@pytest.mark.parametrize(
    ("price", "yes", "no"), [(5650, 56, 44), (5550, 56, 44), (5651, 57, 43), (50, 0, 100), (9999, 100, 0)]
)
def test_prices_in_cents_round_half_to_even_and_add_to_a_dollar(price: int, yes: int, no: int) -> None:
    """0.5650 is 56 and its other side 44."""
    shown = msgspec.json.decode(message_of(bought_yes("t1", 1_00, price), Dialect.D2025))

    assert (shown["yes_price"], shown["no_price"]) == (yes, no)


def test_counts_of_2025_drop_fractions_toward_zero() -> None:
    """0.99 contracts of NO are 0, and so is the position after them."""
    shown = msgspec.json.decode(message_of(bought_no("t1", 99), Dialect.D2025))

    assert (shown["count"], shown["post_position"]) == (0, 0)


@pytest.mark.parametrize(("dialect", "named"), [(Dialect.D2025, False), (Dialect.D2026, True), (Dialect.BOTH, True)])
def test_subaccount_is_named_where_the_dialect_has_it(dialect: Dialect, *, named: bool) -> None:
    """2025 has no word for it."""
    message = message_of(bought_yes("t1", subaccount=7), dialect)

    assert message.endswith(b',"subaccount":7}') is named


def test_rebate_is_a_negative_fee() -> None:
    """To the last decimal."""
    assert b'"fee_cost":"-0.000012"' in message_of(bought_yes("t1", fee=-12), Dialect.D2025)


def test_fill_of_a_settled_market_leaves_no_position() -> None:
    """It is settled as it arrives."""
    late = bought_yes("t2")
    row = book_after(bought_yes("t1"), settled("yes"), late).row()

    assert b'"post_position_fp":"0.00"' in fill_message(late, row, Dialect.D2026)
