"""Frames of `market_positions`, byte for byte (protocol, 3 and 5)."""

import pytest

from openpositions.core.book import Batch
from openpositions.core.draft import Change
from openpositions.core.events import Event
from openpositions.core.position import Position
from openpositions.wire.socket.frames import (
    Dialect,
    extended_frame,
    frame,
    position_message,
    snapshot_frame,
    snapshot_row,
)
from tests.events import adjusted, bought_no, bought_yes, busted, settled
from tests.journaled_book import JournaledBook, book_after

FED = "FED-23DEC-T3.00"


def original_row() -> Position:
    """The row of the venue's original page: 15 contracts traded, 85 more from an opening balance."""
    journaled = book_after(
        bought_yes("t1", 15_00, 4000, fee=1_000000, user="user123", ticker=FED),
        adjusted("a1", position=85_00, cost=44_000000, realized_pnl=10_000000, user="user123", ticker=FED),
    )
    return journaled.row("user123", ticker=FED)


def position_frame(row: Position, dialect: Dialect, *, sid: int = 1) -> bytes:
    """The frame of a row for a subscription that asked for nothing more."""
    return frame(b"market_position", sid, position_message(row, dialect))


def row_of(*, position: int = 0, cost: int = 0, realized_pnl: int = 0, fees: int = 0, volume: int = 0) -> Position:
    """A row with these numbers, whether or not a history makes them."""
    return Position("alice", 0, "RAIN", position, cost, realized_pnl, fees, 0, volume, 0, 0, 0, 0, 1, 0)


def change_by(event: Event, *before: Event) -> Change:
    """What an event did to a position after others."""
    journaled = book_after(*before)
    draft, _ = journaled.commit(Batch([event]))
    (change,) = draft.changes
    return change


def test_frame_of_2025_is_that_of_the_original_page() -> None:
    """The venue's published example, to the byte."""
    assert position_frame(original_row(), Dialect.D2025, sid=14) == (
        b'{"type":"market_position","sid":14,"msg":{"user_id":"user123","market_ticker":"FED-23DEC-T3.00",'
        b'"position":100,"position_cost":500000,"realized_pnl":100000,"fees_paid":10000,"volume":15}}'
    )


def test_frame_of_2026_carries_decimal_texts() -> None:
    """The same row for today's clients; subaccount 0 is not named."""
    assert position_frame(original_row(), Dialect.D2026, sid=14) == (
        b'{"type":"market_position","sid":14,"msg":{"user_id":"user123","market_ticker":"FED-23DEC-T3.00",'
        b'"position_fp":"100.00","position_cost_dollars":"50.0000","realized_pnl_dollars":"10.0000",'
        b'"fees_paid_dollars":"1.0000","position_fee_cost_dollars":"1.0000","volume_fp":"15.00"}}'
    )


def test_frame_of_both_carries_the_names_of_2025_first() -> None:
    """The default: the two dialects share no name but those of the user and the market."""
    assert position_frame(original_row(), Dialect.BOTH, sid=14) == (
        b'{"type":"market_position","sid":14,"msg":{"user_id":"user123","market_ticker":"FED-23DEC-T3.00",'
        b'"position":100,"position_cost":500000,"realized_pnl":100000,"fees_paid":10000,"volume":15,'
        b'"position_fp":"100.00","position_cost_dollars":"50.0000","realized_pnl_dollars":"10.0000",'
        b'"fees_paid_dollars":"1.0000","position_fee_cost_dollars":"1.0000","volume_fp":"15.00"}}'
    )


@pytest.mark.parametrize(
    ("dialect", "ends"),
    [(Dialect.D2025, b'"volume":10}}'), (Dialect.D2026, b',"subaccount":7}}'), (Dialect.BOTH, b',"subaccount":7}}')],
)
def test_subaccount_is_named_last_where_the_dialect_has_it(dialect: Dialect, ends: bytes) -> None:
    """2025 has no word for it."""
    row = book_after(bought_yes("t1", 10_00, subaccount=7)).row(subaccount=7)

    assert position_frame(row, dialect).endswith(ends)


def test_trade_that_closes_a_part_shows_in_every_number() -> None:
    """10 YES at 0.40 and 4 NO at 0.35: 6 held for 2.40, 1.00 realized, both fees paid, 14 traded."""
    row = book_after(bought_yes("t1", 10_00, 4000, fee=170_000), bought_no("t2", 4_00, 3500, fee=70_000)).row()

    assert position_message(row, Dialect.BOTH) == (
        b'{"user_id":"alice","market_ticker":"RAIN",'
        b'"position":6,"position_cost":24000,"realized_pnl":10000,"fees_paid":2400,"volume":14,'
        b'"position_fp":"6.00","position_cost_dollars":"2.4000","realized_pnl_dollars":"1.0000",'
        b'"fees_paid_dollars":"0.2400","position_fee_cost_dollars":"0.1020","volume_fp":"14.00"}'
    )


def test_settlement_leaves_a_flat_row_with_its_result() -> None:
    """10 NO at 0.60 lose 6.00 when the market settles yes; fees and volume stay."""
    row = book_after(bought_no("t1", 10_00, 6000, fee=170_000), settled("yes")).row()

    assert position_message(row, Dialect.BOTH) == (
        b'{"user_id":"alice","market_ticker":"RAIN",'
        b'"position":0,"position_cost":0,"realized_pnl":-60000,"fees_paid":1700,"volume":10,'
        b'"position_fp":"0.00","position_cost_dollars":"0.0000","realized_pnl_dollars":"-6.0000",'
        b'"fees_paid_dollars":"0.1700","position_fee_cost_dollars":"0.0000","volume_fp":"10.00"}'
    )


def test_no_position_is_negative_at_a_positive_cost() -> None:
    """Half a contract of NO at a price with a part of a cent, and a rebate; the text is exact, the integer drops it."""
    row = book_after(bought_no("t1", 50, 1234, fee=-12)).row()

    assert position_message(row, Dialect.BOTH) == (
        b'{"user_id":"alice","market_ticker":"RAIN",'
        b'"position":0,"position_cost":617,"realized_pnl":0,"fees_paid":0,"volume":0,'
        b'"position_fp":"-0.50","position_cost_dollars":"0.0617","realized_pnl_dollars":"0.0000",'
        b'"fees_paid_dollars":"-0.000012","position_fee_cost_dollars":"-0.000012","volume_fp":"0.50"}'
    )


@pytest.mark.parametrize(
    ("position", "shown"), [(1_99, b"1"), (99, b"0"), (-99, b"0"), (-1_00, b"-1"), (-1_99, b"-1"), (-2_00, b"-2")]
)
def test_integer_position_drops_fractions_toward_zero(position: int, shown: bytes) -> None:
    """A NO position of 1.99 is -1, not -2."""
    assert b'"position":%b,' % shown in position_message(row_of(position=position), Dialect.D2025)


def test_integer_volume_drops_fractions() -> None:
    """15.99 contracts show as 15."""
    assert position_message(row_of(volume=15_99), Dialect.D2025).endswith(b'"volume":15}')


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (149, b"1"),
        (150, b"2"),
        (250, b"2"),
        (251, b"3"),
        (50, b"0"),
        (-50, b"0"),
        (-51, b"-1"),
        (-150, b"-2"),
        (-250, b"-2"),
    ],
)
def test_integer_money_rounds_half_to_even(micros: int, shown: bytes) -> None:
    """Micros become centi-cents; of two equally near ones the even one is taken, on either side of zero."""
    message = position_message(row_of(realized_pnl=micros, fees=micros), Dialect.D2025)

    assert b'"realized_pnl":%b,"fees_paid":%b,' % (shown, shown) in message


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (12_300, b"0.0123"),
        (12_340, b"0.01234"),
        (12_345, b"0.012345"),
        (-1, b"-0.000001"),
        (1_000_000_000_000001, b"1000000000.000001"),
    ],
)
def test_text_money_is_exact_and_as_short_as_it_can_be(micros: int, shown: bytes) -> None:
    """4 decimals, and up to 6 when the value needs them."""
    message = position_message(row_of(realized_pnl=micros), Dialect.D2026)

    assert b'"realized_pnl_dollars":"%b"' % shown in message


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (bought_no("t2", 4_00, ts_ms=5), b'{"type":"fill","id":"t2"}'),
        (settled("no", ts_ms=5), b'{"type":"settlement","id":"RAIN"}'),
        (adjusted("a1", fees=1, ts_ms=5), b'{"type":"adjustment","id":"a1"}'),
        (busted("b1", "t1", ts_ms=5), b'{"type":"bust","id":"b1"}'),
    ],
)
def test_extended_frame_names_sequence_time_and_cause(event: Event, cause: bytes) -> None:
    """`seq` stands above `msg`; what the journal knows of the change stands at the end of it."""
    change = change_by(event, bought_yes("t1"))

    message = position_message(change.after, Dialect.D2025)
    assert extended_frame(3, 9, message, change, 0) == (
        b'{"type":"market_position","sid":3,"seq":9,"msg":%b,"sequence":2,"ts_ms":5,"cause":%b}}'
        % (message[:-1], cause)
    )


def test_extended_frame_counts_what_was_merged_into_it() -> None:
    """`conflated` stands above `msg`, and only where something was merged."""
    change = change_by(bought_yes("t1"))

    shown = extended_frame(3, 9, position_message(change.after, Dialect.D2025), change, 2)

    assert shown.startswith(b'{"type":"market_position","sid":3,"seq":9,"conflated":2,"msg":{"user_id":"alice",')


def test_snapshot_row_is_a_plain_frame() -> None:
    """Without `extended` it cannot be told from a live frame."""
    row = original_row()

    message = position_message(row, Dialect.D2025)
    assert snapshot_row(14, message, row, None) == (
        b'{"type":"market_position","sid":14,"msg":{"user_id":"user123","market_ticker":"FED-23DEC-T3.00",'
        b'"position":100,"position_cost":500000,"realized_pnl":100000,"fees_paid":10000,"volume":15}}'
    )


def test_extended_snapshot_row_has_a_sequence_and_a_time_but_no_cause() -> None:
    """What changed the row last is not kept with it."""
    row = book_after(bought_yes("t1", ts_ms=5)).row()

    message = position_message(row, Dialect.D2025)
    assert snapshot_row(3, message, row, 9) == (
        b'{"type":"market_position","sid":3,"seq":9,"msg":%b,"sequence":1,"ts_ms":5}}' % message[:-1]
    )


@pytest.mark.parametrize(("seq", "shown"), [(None, b""), (9, b'"seq":9,')])
def test_snapshot_ends_with_a_frame_that_counts_its_rows(seq: int | None, shown: bytes) -> None:
    """And says what they are as of."""
    assert snapshot_frame(3, 2, "e1", 77, seq) == (
        b'{"type":"market_positions_snapshot","sid":3,%b"msg":{"rows":2,"epoch":"e1","sequence":77}}' % shown
    )


def test_text_from_outside_is_escaped() -> None:
    """A quote in a ticker ends no string of the frame."""
    row = JournaledBook().row('al"ice', ticker='R\\"AIN')

    assert position_message(row, Dialect.D2025).startswith(b'{"user_id":"al\\"ice","market_ticker":"R\\\\\\"AIN",')
