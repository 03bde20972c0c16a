"""Settlements, lifecycle frames, tickers and declarations as they are fed in."""

import pytest

from openpositions.core.events import AS_DETERMINED, Declaration, Determination, Mark, Settlement
from tests.wire.event_lines import ARRIVAL_TS_MS, event_of, line, refusal_of


@pytest.mark.parametrize(
    ("stated", "value_bp"),
    [
        ({"result": "yes"}, 10_000),
        ({"result": "no"}, 0),
        ({"result": "void"}, None),
        ({"result": "scalar", "settlement_value_dollars": "0.3725"}, 3725),
        ({"result": "scalar", "settlement_value_dollars": "0"}, 0),
        ({"result": "scalar", "settlement_value_dollars": "1.0000"}, 10_000),
        ({"result": "no", "settlement_value_dollars": "0.0000"}, 0),
    ],
)
def test_settlement_has_the_value_of_its_result(stated: dict[str, str], value_bp: int | None) -> None:
    """Yes pays 1, no pays 0, scalar what is stated; void has no value."""
    document = line("settlement", market_ticker="RAIN", **stated)

    assert event_of(document) == Settlement("RAIN", stated["result"], value_bp, ARRIVAL_TS_MS)


@pytest.mark.parametrize(
    ("stated", "code", "message"),
    [
        ({}, "missing_field", "result is missing"),
        ({"result": "maybe"}, "invalid_result", 'result must be yes, no, scalar or void, not "maybe"'),
        (
            {"result": "scalar"},
            "missing_field",
            "settlement_value_dollars is missing: a scalar result needs it",
        ),
        (
            {"result": "scalar", "settlement_value_dollars": "1.0001"},
            "invalid_settlement_value",
            'settlement_value_dollars must be from 0 to 1 dollar, not "1.0001"',
        ),
        (
            {"result": "scalar", "settlement_value_dollars": 0.5},
            "invalid_settlement_value",
            'settlement_value_dollars must be text such as "0.5600", not 0.5',
        ),
        (
            {"result": "yes", "settlement_value_dollars": "0.0000"},
            "invalid_settlement_value",
            'settlement_value_dollars "0.0000" contradicts result yes, which pays 1.0000',
        ),
        (
            {"result": "void", "settlement_value_dollars": "0.5000"},
            "invalid_settlement_value",
            'settlement_value_dollars "0.5000" contradicts result void, which pays each position its cost',
        ),
    ],
)
def test_settlement_that_is_none_is_refused(stated: dict[str, object], code: str, message: str) -> None:
    """A stated value must be the one that the result implies."""
    rejection = refusal_of(line("settlement", market_ticker="RAIN", **stated))

    assert (rejection.code, rejection.message) == (code, message)


def test_venue_determines_a_market() -> None:
    """A production frame of 2026: seconds, and the value as text."""
    document = (
        b'{"type":"market_lifecycle_v2","sid":1,"seq":279597,"msg":{"market_ticker":"KXMLBSPREAD-26JUL191605WSHATH-ATH4",'
        b'"determination_ts":1784501722,"result":"no","settlement_value":"0.0000","event_type":"determined"}}'
    )

    assert event_of(document) == Determination("KXMLBSPREAD-26JUL191605WSHATH-ATH4", "no", 0, 1_784_501_722_000)


def test_venue_settles_a_market() -> None:
    """A production frame of 2026: it names no result, the market has the one it was determined at."""
    document = (
        b'{"type":"market_lifecycle_v2","sid":1,"seq":274085,"msg":{"market_ticker":"KXBNB15M-26JUL191830-30",'
        b'"settled_ts":1784500206,"event_type":"settled"}}'
    )

    assert event_of(document) == Settlement("KXBNB15M-26JUL191830-30", AS_DETERMINED, None, 1_784_500_206_000)


def test_settled_frame_with_a_result_settles_at_it() -> None:
    """A frame that does name a result needs no determination before it."""
    document = line("market_lifecycle_v2", market_ticker="RAIN", event_type="settled", result="yes")

    assert event_of(document) == Settlement("RAIN", "yes", 10_000, ARRIVAL_TS_MS)


def test_determined_frame_without_a_value_has_the_one_of_its_result() -> None:
    """The frames of 2025 had none."""
    document = line("market_lifecycle_v2", market_ticker="RAIN", event_type="determined", result="yes")

    assert event_of(document) == Determination("RAIN", "yes", 10_000, ARRIVAL_TS_MS)


@pytest.mark.parametrize(
    ("stated", "code", "message"),
    [
        (
            {"event_type": "activated"},
            "unsupported_event_type",
            'event_type must be determined or settled, not "activated": no other changes a position',
        ),
        ({}, "missing_field", "event_type is missing"),
        ({"event_type": "determined"}, "missing_field", "result is missing: a determined market has one"),
        (
            {"event_type": "determined", "result": "scalar"},
            "missing_field",
            "settlement_value is missing: a scalar result needs it",
        ),
        (
            {"event_type": "settled", "settled_ts": "1960-01-01T00:00:00Z"},
            "invalid_ts",
            'settled_ts must be a time from 1970 to 9999 (UTC), not "1960-01-01T00:00:00+00:00"',
        ),
    ],
)
def test_lifecycle_frame_that_settles_nothing_is_refused(stated: dict[str, str], code: str, message: str) -> None:
    """Of a market's life only what it pays in the end changes a position."""
    rejection = refusal_of(line("market_lifecycle_v2", market_ticker="RAIN", **stated))

    assert (rejection.code, rejection.message) == (code, message)


@pytest.mark.parametrize(
    ("stated", "mark_bp"),
    [
        ({"price_dollars": "0.6000"}, 6000),
        ({"price_dollars": "0.6000", "yes_bid_dollars": "0.1000", "yes_ask_dollars": "0.2000"}, 6000),
        ({"price_dollars": "0.0000", "yes_bid_dollars": "0.5900", "yes_ask_dollars": "0.6100"}, 6000),
        ({"price_dollars": "", "price": 0, "yes_bid": 59, "yes_ask": 61}, 6000),
        ({"price": 60}, 6000),
        ({"price_dollars": "0.6050", "price": 60}, 6050),
        ({"yes_bid_dollars": "0.0000", "yes_ask_dollars": "0.6100"}, None),
        ({"price_dollars": "0.0000"}, None),
    ],
)
def test_mark_of_a_ticker(stated: dict[str, object], mark_bp: int | None) -> None:
    """The last price, else the middle of bid and ask, else unknown; 0 and an empty text mean absent."""
    assert event_of(line("ticker", market_ticker="RAIN", **stated)) == Mark("RAIN", mark_bp, ARRIVAL_TS_MS)


@pytest.mark.parametrize(
    ("stated", "code", "message"),
    [
        ({}, "missing_field", "price_dollars is missing: a ticker states it, or yes_bid_dollars and yes_ask_dollars"),
        ({"price_dollars": "1.01"}, "invalid_price", 'price_dollars must be from 0 to 1 dollar, not "1.01"'),
        ({"yes_bid_dollars": "-0.01"}, "invalid_price", 'yes_bid_dollars must be from 0 to 1 dollar, not "-0.01"'),
        ({"yes_ask": 101}, "invalid_price", "yes_ask must be an integer from 0 to 100 cents, not 101"),
        ({"price_dollars": 0.6}, "invalid_price", 'price_dollars must be text such as "0.5600", not 0.6'),
    ],
)
def test_ticker_without_a_price_is_refused(stated: dict[str, object], code: str, message: str) -> None:
    """A misspelt price must not make a mark unknown."""
    rejection = refusal_of(line("ticker", market_ticker="RAIN", **stated))

    assert (rejection.code, rejection.message) == (code, message)


@pytest.mark.parametrize("title", ["", "Régen à Zürich? 雨"])
def test_title_is_text_in_any_script(title: str) -> None:
    """A title is for people, and may be empty."""
    document = line("market", market_ticker="RAIN-26", event_ticker="RAIN", title=title)

    assert event_of(document) == Declaration("RAIN-26", "RAIN", title, ARRIVAL_TS_MS)


@pytest.mark.parametrize("title", ["a\nb", "a\x00b", "a\x9bb", "a\u2028b", "x" * 1001, 7])
def test_title_is_one_line(title: object) -> None:
    """Control characters and line breaks have no place in it."""
    rejection = refusal_of(line("market", market_ticker="RAIN-26", event_ticker="RAIN", title=title))

    assert rejection.code == "invalid_title"


@pytest.mark.parametrize(
    "document",
    [
        line("settlement", market_ticker="a b", result="yes"),
        line("market_lifecycle_v2", market_ticker="a b", event_type="settled"),
        line("ticker", market_ticker="a b", price_dollars="0.5"),
        line("market", market_ticker="a b", event_ticker="a"),
    ],
)
def test_market_ticker_has_no_space(document: bytes) -> None:
    """In no kind of event."""
    assert refusal_of(document).code == "invalid_market_ticker"
