"""Fills as they are fed in: sides, prices and counts in every form (accounting, "Position")."""

import pytest

from openpositions.core.events import Fill
from openpositions.wire.ingest.fill_events import fill_fields
from tests.wire.event_lines import event_of, fill_line, refusal_of

SIDE = "outcome_side"
PRICE = "yes_price_dollars"
COUNT = "count_fp"


def fill_of(document: bytes) -> Fill:
    """The fill that a good line gives."""
    event = event_of(document)
    assert isinstance(event, Fill)
    return event


def test_fill_is_read_in_core_units() -> None:
    """Every field of the line of the interface page has its place in the event."""
    document = fill_line(is_taker=True, order_id="o1", client_order_id="c1", subaccount=3)

    assert event_of(document) == Fill(
        trade_id="t1",
        user_id="alice",
        subaccount=3,
        market_ticker="FED-23DEC-T3.00",
        acquires_yes=True,
        yes_price_bp=5600,
        count_centi=1000,
        fee_micros=170_000,
        ts_ms=1_701_388_800_000,
        is_taker=True,
        order_id="o1",
        client_order_id="c1",
    )


def test_fill_is_written_as_it_is_fed_in() -> None:
    """Every field in its exact form: read again, they are the same fill."""
    fill = fill_of(fill_line(is_taker=True, order_id="o1", client_order_id="c1", subaccount=3))

    assert fill_fields(fill) == {
        "trade_id": "t1",
        "user_id": "alice",
        "subaccount": 3,
        "market_ticker": "FED-23DEC-T3.00",
        "outcome_side": "yes",
        "yes_price_dollars": "0.5600",
        "count_fp": "10.00",
        "fee_cost": "0.170000",
        "is_taker": True,
        "order_id": "o1",
        "client_order_id": "c1",
        "ts_ms": 1_701_388_800_000,
    }


def test_fill_without_a_stated_fee_is_written_without_one() -> None:
    """A fee of 0 would be another content."""
    assert "fee_cost" not in fill_fields(fill_of(fill_line("fee_cost")))


def test_what_may_be_left_out_has_its_default() -> None:
    """Without them: main subaccount, no stated fee, arrival time, not taker, empty order ids."""
    assert event_of(fill_line("fee_cost", "ts_ms")) == Fill(
        "t1", "alice", 0, "FED-23DEC-T3.00", True, 5600, 1000, None, 1_700_000_000_000, False, "", ""  # noqa: FBT003
    )  # fmt: skip


@pytest.mark.parametrize("field", ["subaccount", "is_taker", "order_id", "client_order_id", "no_price", "ts"])
def test_null_is_as_good_as_absent(field: str) -> None:
    """A feeder that writes null for what it does not know is understood."""
    assert event_of(fill_line(**{field: None})) == event_of(fill_line())


def test_empty_order_ids_are_taken() -> None:
    """The frames of this service have empty order ids where none were fed in, and can be fed in again."""
    assert event_of(fill_line(order_id="", client_order_id="")) == event_of(fill_line())


def test_rebate_is_a_negative_fee() -> None:
    """A fee may be negative."""
    assert fill_of(fill_line("fee_cost", fee_cost="-0.000001")).fee_micros == -1


@pytest.mark.parametrize(
    ("stated", "acquires_yes"),
    [
        ({"outcome_side": "no"}, False),
        ({"book_side": "bid"}, True),
        ({"book_side": "ask"}, False),
        ({"outcome_side": "no", "book_side": "ask"}, False),
        ({"outcome_side": "yes", "action": "sell_to_close", "side": "bid", "purchased_side": "no"}, True),
        ({"purchased_side": "no", "action": "buy", "side": "yes"}, False),
        ({"purchased_side": "", "action": "buy", "side": "yes"}, True),
        ({"action": "buy", "side": "yes"}, True),
        ({"action": "buy", "side": "no"}, False),
        ({"action": "sell", "side": "yes"}, False),
        ({"action": "sell", "side": "no"}, True),
        ({"outcome_side": "yes", "side": "no", "action": "buy", "fill_id": "f1"}, True),
    ],
)
def test_side_acquired(stated: dict[str, str], acquires_yes: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """`outcome_side`, else `book_side`, else `purchased_side`, else the pair of `action` and `side`."""
    assert fill_of(fill_line(SIDE, **stated)).acquires_yes is acquires_yes


@pytest.mark.parametrize(
    "mark", [{"fill_id": "f1"}, {"created_time": "2026-05-07T19:03:56Z"}, {"subaccount_number": 0}]
)
def test_rest_row_without_a_plain_side_is_ambiguous(mark: dict[str, object]) -> None:
    """In a REST row `side` is the side acquired, in a frame it is not: what looks like a row must say it plainly."""
    rejection = refusal_of(fill_line(SIDE, action="sell", side="yes", **mark))

    assert rejection.code == "ambiguous_side"
    assert rejection.message.startswith(f"{next(iter(mark))} tells a REST row")


@pytest.mark.parametrize(
    ("stated", "code", "message"),
    [
        (
            {},
            "missing_field",
            "outcome_side is missing: a fill states outcome_side, or book_side, or both action and side",
        ),
        ({"side": "yes"}, "missing_field", "outcome_side is missing"),
        ({"outcome_side": "YES"}, "invalid_side", 'outcome_side must be yes or no, not "YES"'),
        ({"outcome_side": ["yes"]}, "invalid_side", "outcome_side must be yes or no, not a list"),
        ({"book_side": "buy"}, "invalid_side", 'book_side must be bid or ask, not "buy"'),
        ({"outcome_side": "yes", "book_side": "ask"}, "invalid_side", "outcome_side yes contradicts book_side ask"),
        ({"purchased_side": "maybe"}, "invalid_side", 'purchased_side must be yes or no, not "maybe"'),
        ({"action": "buy", "side": "bid"}, "invalid_side", 'side must be yes or no, not "bid"'),
        ({"action": "hold", "side": "yes"}, "invalid_action", 'action must be buy or sell, not "hold"'),
    ],
)
def test_side_that_is_none_is_refused(stated: dict[str, object], code: str, message: str) -> None:
    """The error names the field, its value and what is allowed."""
    rejection = refusal_of(fill_line(SIDE, **stated))

    assert rejection.code == code
    assert message in rejection.message


@pytest.mark.parametrize(
    ("stated", "yes_price_bp"),
    [
        ({"no_price_dollars": "0.4400"}, 5600),
        ({"yes_price": 56}, 5600),
        ({"no_price": 44}, 5600),
        ({"yes_price": 56, "no_price": 44}, 5600),
        ({"yes_price_dollars": "0.0001"}, 1),
        ({"yes_price_dollars": "0.9999"}, 9999),
        ({"yes_price_dollars": "0.5650", "no_price_dollars": "0.4350", "yes_price": 56, "no_price": 44}, 5650),
        ({"yes_price_dollars": "0.5650", "no_price": 44}, 5650),
        ({"yes_price": 56, "no_price_dollars": "0.4350"}, 5650),
        ({"yes_price_dollars": "0.0040", "yes_price": 0, "no_price": 100}, 40),
        ({"yes_price_dollars": "0.5600", "yes_price": 57}, 5600),
    ],
)
def test_price_forms(stated: dict[str, object], yes_price_bp: int) -> None:
    """Either side, as text or in whole cents; the text wins over cents that are within one of it."""
    assert fill_of(fill_line(PRICE, **stated)).yes_price_bp == yes_price_bp


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"yes_price_dollars": "0.0000"}, 'yes_price_dollars must be from 0.0001 to 0.9999 dollar, not "0.0000"'),
        ({"yes_price_dollars": "1.0000"}, 'yes_price_dollars must be from 0.0001 to 0.9999 dollar, not "1.0000"'),
        ({"no_price_dollars": "-0.5"}, 'no_price_dollars must be from 0.0001 to 0.9999 dollar, not "-0.5"'),
        ({"yes_price_dollars": "0.56001"}, "yes_price_dollars: '0.56001' has more than 4 decimals"),
        ({"yes_price_dollars": "half"}, "yes_price_dollars: 'half' is not a decimal number such as '12.50'"),
        ({"yes_price_dollars": "NaN"}, "yes_price_dollars: 'NaN' is not a decimal number such as '12.50'"),
        ({"yes_price_dollars": "9" * 30}, f"yes_price_dollars: '{'9' * 30}' does not fit in 64 bits"),
        ({"yes_price_dollars": 0.56}, 'yes_price_dollars must be text such as "0.5600", not 0.56'),
        ({"yes_price_dollars": 56}, 'yes_price_dollars must be text such as "0.5600", not 56'),
        ({"yes_price": 56.0}, "yes_price must be an integer from 0 to 100 cents, not 56.0"),
        ({"yes_price": True}, "yes_price must be an integer from 0 to 100 cents, not true"),
        ({"yes_price": 10**30}, f"yes_price must be an integer from 0 to 100 cents, not {10**30}"),
        ({"yes_price": 0}, "yes_price must be from 1 to 99 cents, not 0"),
        ({"no_price": 100}, "no_price must be from 1 to 99 cents, not 100"),
        (
            {"yes_price_dollars": "0.5600", "yes_price": 58},
            'yes_price 58 must lie within 1 of yes_price_dollars "0.5600"',
        ),
        (
            {"yes_price_dollars": "0.5600", "no_price_dollars": "0.4500"},
            'yes_price_dollars "0.5600" and no_price_dollars "0.4500" must add to exactly 1 dollar',
        ),
        ({"yes_price": 56, "no_price": 45}, "yes_price 56 and no_price 45 must add to exactly 1 dollar"),
        (
            {"yes_price_dollars": "0.5600", "no_price": 46},
            'yes_price_dollars "0.5600" and no_price 46 must add to exactly 1 dollar',
        ),
    ],
)
def test_price_that_is_none_is_refused(stated: dict[str, object], message: str) -> None:
    """The code is the same for each of the price fields, the message names the one that is wrong."""
    rejection = refusal_of(fill_line(PRICE, **stated))

    assert (rejection.code, rejection.message) == ("invalid_price", message)


@pytest.mark.parametrize(
    ("stated", "count_centi"),
    [
        ({"count_fp": "0.01"}, 1),
        ({"count_fp": "1000000000.00"}, 100_000_000_000),
        ({"count": 7}, 700),
        ({"count_fp": "7.50", "count": 7}, 750),
        ({"count_fp": "7.50", "count": 8}, 750),
    ],
)
def test_count_forms(stated: dict[str, object], count_centi: int) -> None:
    """Text with up to 2 decimals, or whole contracts; the text wins over an integer that is within one of it."""
    assert fill_of(fill_line(COUNT, **stated)).count_centi == count_centi


@pytest.mark.parametrize(
    ("stated", "code", "message"),
    [
        ({}, "missing_field", "count_fp is missing: a fill states count_fp or count"),
        (
            {"count_fp": "0.00"},
            "invalid_count",
            'count_fp must be more than 0 and at most 1000000000 contracts, not "0.00"',
        ),
        (
            {"count_fp": "-1"},
            "invalid_count",
            'count_fp must be more than 0 and at most 1000000000 contracts, not "-1"',
        ),
        (
            {"count_fp": "1000000000.01"},
            "invalid_count",
            "count_fp must be more than 0 and at most 1000000000 contracts",
        ),
        ({"count_fp": "0.001"}, "invalid_count", "count_fp: '0.001' has more than 2 decimals"),
        ({"count_fp": 10.5}, "invalid_count", 'count_fp must be text such as "10.00", not 10.5'),
        ({"count": 10.5}, "invalid_count", "count must be an integer"),
        ({"count": 0}, "invalid_count", "count must be more than 0 and at most 1000000000 contracts, not 0"),
        ({"count": -1}, "invalid_count", "count must be an integer"),
        ({"count_fp": "10.00", "count": 12}, "invalid_count", 'count 12 must lie within 1 of count_fp "10.00"'),
    ],
)
def test_count_that_is_none_is_refused(stated: dict[str, object], code: str, message: str) -> None:
    """More than none and at most 10⁹ contracts, in hundredths."""
    rejection = refusal_of(fill_line(COUNT, **stated))

    assert rejection.code == code
    assert message in rejection.message


def test_price_is_required() -> None:
    """A fill without a price is no fill."""
    rejection = refusal_of(fill_line(PRICE))

    assert rejection.code == "missing_field"
    assert rejection.message == "yes_price_dollars is missing: a fill states yes_price_dollars or no_price_dollars"


def test_subaccount_has_one_number() -> None:
    """A REST row names it otherwise than a frame; both names must not disagree."""
    assert fill_of(fill_line(subaccount_number=4)).subaccount == 4
    assert refusal_of(fill_line(subaccount=3, subaccount_number=4)).code == "invalid_subaccount"
