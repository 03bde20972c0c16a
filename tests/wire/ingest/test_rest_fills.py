"""Fill rows of the venue's REST reads (accounting, "Position"; rows as captured from production)."""

import json

import pytest

from openpositions.core.events import Fill
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.rest_fills import parse_rest_fills, rest_fill
from tests.wire.event_lines import ARRIVAL_TS_MS

ROW: dict[str, object] = {
    "action": "sell",
    "count_fp": "1.00",
    "created_time": "2026-05-07T19:05:36.592515Z",
    "fee_cost": "0.014000",
    "fill_id": "2d881b98",
    "is_taker": True,
    "market_ticker": "KXBTC15M-26MAY071515-15",
    "no_price_dollars": "0.9240",
    "order_id": "7f6166a6",
    "side": "yes",
    "subaccount_number": 0,
    "ticker": "KXBTC15M-26MAY071515-15",
    "trade_id": "2d881b98",
    "ts": 1778180736,
    "yes_price_dollars": "0.0760",
}
FILL = Fill(
    trade_id="2d881b98",
    user_id="alice",
    subaccount=0,
    market_ticker="KXBTC15M-26MAY071515-15",
    acquires_yes=True,
    yes_price_bp=760,
    count_centi=100,
    fee_micros=14_000,
    ts_ms=1_778_180_736_592,
    is_taker=True,
    order_id="7f6166a6",
)


def row(*without: str, **stated: object) -> dict[str, object]:
    """The row, less some fields and with others."""
    return {name: value for name, value in ROW.items() if name not in without} | stated


def lines(*rows: object) -> bytes:
    """Rows or pages, one a line."""
    return b"\n".join(json.dumps(each).encode() for each in rows)


def test_side_of_a_row_is_the_side_acquired() -> None:
    """A row that sells and says yes acquired YES: its action adds nothing."""
    assert rest_fill(ROW, "alice") == FILL
    assert rest_fill(row(side="no"), "alice").acquires_yes is False


@pytest.mark.parametrize("stated", [{"outcome_side": "yes"}, {"book_side": "bid"}])
def test_plainer_words_come_before_side(stated: dict[str, str]) -> None:
    """Where a row has `outcome_side` or `book_side`, that is what counts."""
    assert rest_fill(row(side="no", **stated), "alice") == FILL


def test_row_of_2025_is_read() -> None:
    """Whole cents and contracts, prices under an older name; the time to the second."""
    old = row(
        "created_time", "fill_id", "market_ticker", "yes_price_dollars", "no_price_dollars", "count_fp",
        count=1, yes_price=8, no_price=92, price=0.076, yes_price_fixed="0.0760", no_price_fixed="0.9240",
    )  # fmt: skip

    fill = rest_fill(old, "alice")

    assert (fill.yes_price_bp, fill.count_centi, fill.ts_ms) == (760, 100, 1_778_180_736_000)


@pytest.mark.parametrize("without", ["trade_id", "fill_id", "ticker", "market_ticker", "ts"])
def test_field_under_two_names_is_read_from_either(without: str) -> None:
    """Rows of different years have one, the other, or both."""
    assert rest_fill(row(without), "alice") == FILL


def test_subaccount_of_a_row() -> None:
    """A row calls it `subaccount_number`."""
    assert rest_fill(row(subaccount_number=3), "alice").subaccount == 3


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (row("side"), "missing_field", "side is missing: a row states it, or outcome_side or book_side"),
        (row(side="bid"), "invalid_side", 'side must be yes or no, not "bid"'),
        (row(fill_id="f2"), "invalid_trade_id", 'trade_id "2d881b98" and fill_id "f2" must be the same'),
        (row("trade_id", "fill_id"), "missing_field", "trade_id is missing"),
        (row("ts", "created_time"), "missing_field", "created_time is missing"),
        (row(created_time="noon"), "invalid_ts", "created_time must be Unix seconds, an integer, or RFC 3339 text"),
        (row(yes_price_dollars=0.076), "invalid_price", 'yes_price_dollars must be text such as "0.5600", not 0.076'),
        (row(ticker="OTHER"), "invalid_market_ticker", 'market_ticker "KXBTC15M-26MAY071515-15" and ticker "OTHER"'),
    ],
)
def test_row_that_is_no_fill_is_refused(changed: dict[str, object], code: str, message: str) -> None:
    """The error names the field as the row does."""
    with pytest.raises(InvalidInput) as refused:
        rest_fill(changed, "alice")

    assert refused.value.code == code
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("layout", [None, 2])
def test_rows_of_a_page_are_numbered(layout: int | None) -> None:
    """A saved answer of the venue, on one line or laid out over many."""
    page = {"cursor": "", "fills": [ROW, row("side"), ROW]}

    parsed = parse_rest_fills(json.dumps(page, indent=layout).encode(), "alice", ARRIVAL_TS_MS)

    assert parsed.events == [FILL, FILL]
    assert parsed.lines == [1, 3]
    assert [(rejection.line, rejection.code) for rejection in parsed.rejected] == [(2, "missing_field")]


def test_rows_and_pages_stand_one_a_line() -> None:
    """A row has the number of its line, and so has every row of a page; an empty page has none."""
    body = lines(ROW, {"fills": [], "cursor": "x"}, {"fills": [ROW, ROW], "cursor": ""}, 7)

    parsed = parse_rest_fills(body, "alice", ARRIVAL_TS_MS)

    assert parsed.lines == [1, 3, 3]
    assert [(rejection.line, rejection.code) for rejection in parsed.rejected] == [(4, "invalid_json")]


def test_rows_stand_in_an_array() -> None:
    """As a script would save them."""
    parsed = parse_rest_fills(json.dumps([ROW, ROW]).encode(), "alice", ARRIVAL_TS_MS)

    assert parsed.lines == [1, 2]


def test_row_without_a_time_happened_when_it_arrived() -> None:
    """Where rows are read as they come in."""
    (fill,) = parse_rest_fills(lines(row("ts", "created_time")), "alice", ARRIVAL_TS_MS).events

    assert fill.ts_ms == ARRIVAL_TS_MS


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"fills":', "invalid_json"),
        (b"[1,", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (lines(ROW).replace(b'"side"', b'"side": "no", "side"'), "duplicate_key"),
        (b"\xff", "invalid_json"),
    ],
)
def test_body_that_holds_no_rows_is_refused(body: bytes, code: str) -> None:
    """One error, on its first line."""
    parsed = parse_rest_fills(body, "alice", ARRIVAL_TS_MS)

    assert parsed.events == []
    assert [(rejection.line, rejection.code) for rejection in parsed.rejected] == [(1, code)]
