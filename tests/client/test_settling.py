"""What became of a row whose market was settled while nobody listened."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest

from openpositions.client.records import Fill, Settlement
from openpositions.client.rows import PositionRow
from openpositions.client.settling import closed_row, needs_fills, realized_by

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def settlement(
    result: str,
    yes_count: str = "0",
    yes_cost: str = "0",
    no_count: str = "0",
    no_cost: str = "0",
    revenue: str = "0",
) -> Settlement:
    """Of a market that was traded for a fee of 3 cents."""
    return Settlement(
        market_ticker="RAIN",
        event_ticker="RAIN",
        result=result,
        yes_count=Decimal(yes_count),
        yes_cost=Decimal(yes_cost),
        no_count=Decimal(no_count),
        no_cost=Decimal(no_cost),
        revenue=Decimal(revenue),
        fee=Decimal("0.03"),
        value=None,
        time=NOON,
    )


def row(
    position: str,
    cost: str,
    realized_pnl: str | None = "0",
    volume: str | None = None,
    fee_cost: str | None = "0",
    fees_paid: str | None = "0.01",
) -> PositionRow:
    """As it was known before."""
    return PositionRow(
        user_id="alice",
        market_ticker="RAIN",
        subaccount=0,
        position=Decimal(position),
        cost=Decimal(cost),
        realized_pnl=None if realized_pnl is None else Decimal(realized_pnl),
        fees_paid=None if fees_paid is None else Decimal(fees_paid),
        fee_cost=None if fee_cost is None else Decimal(fee_cost),
        volume=None if volume is None else Decimal(volume),
    )


def fill(side: Literal["yes", "no"], count: str, price: str) -> Fill:
    """At the price of that side."""
    yes_price = Decimal(price) if side == "yes" else 1 - Decimal(price)
    return Fill(
        trade_id="t",
        order_id="",
        market_ticker="RAIN",
        side=side,
        count=Decimal(count),
        yes_price=yes_price,
        no_price=1 - yes_price,
        fee=Decimal(0),
        is_taker=True,
        time=NOON,
        subaccount=0,
    )


TEN_YES = ("10", "4", "0", "0")
MIXED = ("10", "4", "4", "2")


@pytest.mark.parametrize(
    ("stated", "realized_pnl"),
    [
        (settlement("yes", *TEN_YES, "10"), "6"),
        (settlement("no", *TEN_YES, "0"), "-4"),
        (settlement("no", "0", "0", "10", "6", "10"), "4"),
        (settlement("yes", *MIXED, "6"), "4"),
        (settlement("yes", "2.5", "1.00003", "0", "0", "2.50"), "1.49997"),
        (settlement("no", "10", "4", "10", "5.5", "0"), "0.5"),
        (settlement("scalar", "10", "4", "10", "5.5", "0"), "0.5"),
        (settlement("void", *TEN_YES, "4"), "0"),
        (settlement("void", "10", "4", "10", "5.5", "0"), "0.5"),
    ],
    ids=["won", "lost", "won with no", "closed in part", "fractions", "flat", "flat, scalar", "void", "flat, void"],
)
def test_a_settlement_tells_what_was_realized(stated: Settlement, realized_pnl: str) -> None:
    """By itself: what was paid back for pairs and for what was left, less what it all had cost."""
    assert realized_by(stated) == Decimal(realized_pnl)


@pytest.mark.parametrize(
    "stated",
    [
        settlement("scalar", *TEN_YES, "3.73"),
        settlement("void", *MIXED, "2.4"),
        settlement("yes", revenue="100"),
        settlement("no"),
        settlement("yes", *TEN_YES, "110"),
    ],
    ids=["in between", "void after closing", "adjusted", "adjusted and lost", "adjusted besides"],
)
def test_what_a_settlement_does_not_tell_exactly_is_unknown(stated: Settlement) -> None:
    """Its form rounds what was paid to cents, and does not know of adjustments."""
    assert realized_by(stated) is None


@pytest.mark.parametrize(
    ("before", "stated", "realized_pnl"),
    [
        (row("10", "4"), settlement("yes", *TEN_YES, "10"), "6"),
        (row("10", "4", volume="10"), settlement("no", *TEN_YES, "0"), "-4"),
        (row("6", "2.4", "0.4"), settlement("yes", *MIXED, "6"), "4"),
        (row("6", "2.4", "0.4"), settlement("void", *MIXED, "2.4"), "0.4"),
        (row("0", "0", "4", volume="14"), settlement("yes", *MIXED, "6"), "4"),
        (row("0", "0", "-0.275", volume="10"), settlement("scalar", *TEN_YES, "3.73"), "-0.275"),
        (row("100", "40", volume="0"), settlement("yes", revenue="100"), "60"),
        (row("0", "0", "60", volume="0"), settlement("yes", revenue="100"), "60"),
        (row("2", "1.0000", "0", "2", None), settlement("yes", "2.5", "1.00003", "0", "0", "2.50"), "1.49997"),
        (row("0", "0.2", "0.5", "3", None), settlement("yes", "1.75", "0.7", "1.25", "0.25", "0.50"), "0.8"),
        (row("0", "0", "-0.275", "10", None), settlement("scalar", *TEN_YES, "3.73"), "-0.275"),
    ],
    ids=[
        "by its amounts",
        "by its volume",
        "closed in part",
        "void",
        "settled before it went",
        "settled in between before it went",
        "adjusted before",
        "adjusted and settled before it went",
        "a frame of 2025",
        "a part of a contract in a frame of 2025",
        "settled in between by a frame of 2025",
    ],
)
def test_a_row_that_only_was_settled_since(before: PositionRow, stated: Settlement, realized_pnl: str) -> None:
    """Row and settlement fit together as they are, and tell the rest."""
    assert not needs_fills(before, stated)
    after = closed_row(before, stated)
    assert (after.is_open, after.realized_pnl) == (False, Decimal(realized_pnl))
    assert (after.fees_paid, after.time) == (Decimal("0.03"), NOON)


FIRST, SECOND = fill("yes", "10", "0.4"), fill("no", "4", "0.5")


@pytest.mark.parametrize(
    ("before", "fills", "realized_pnl"),
    [
        (row("10", "4"), [SECOND, FIRST], "4"),
        (row("0", "0"), [SECOND, FIRST], "4"),
        (row("0", "0", "6"), [SECOND, FIRST], "4"),
        (row("11", "4"), [SECOND, FIRST], None),
        (row("10", "4"), [SECOND], None),
        (row("10", "4"), [SECOND, FIRST, FIRST], None),
        (row("10", "4"), [], None),
    ],
    ids=["traded since", "first traded since", "traded after it", "adjusted", "some gone", "too many", "none"],
)
def test_fills_tell_what_happened_before_the_settlement(
    before: PositionRow, fills: list[Fill], realized_pnl: str | None
) -> None:
    """If they make first the row and then the settlement; else something else happened, and nobody knows what."""
    stated = settlement("yes", *MIXED, "6")
    assert needs_fills(before, stated)
    assert closed_row(before, stated, fills).realized_pnl == (None if realized_pnl is None else Decimal(realized_pnl))


def test_a_frame_of_2025_that_was_adjusted_does_not_tell_what_it_held() -> None:
    """It may have been half a contract more than it says."""
    before = row("5", "2", "0", "3", None)
    stated = settlement("yes", "3", "1.5", "0", "0", "5")
    assert needs_fills(before, stated)
    assert closed_row(before, stated, [fill("yes", "3", "0.5")]).realized_pnl is None


@pytest.mark.parametrize(
    "before",
    [
        row("10", "4"),
        row("10", "4", fees_paid="0"),
        row("0", "0", fees_paid="0.01"),
        row("0", "0", "0.5", fees_paid="0"),
        row("0", "0", "0", "20", fees_paid="0"),
        row("0", "0", None, fees_paid="0"),
    ],
    ids=["held", "held without fees", "paid fees", "realized", "traded", "unknown"],
)
def test_without_a_settlement_all_is_unknown_but_that_it_is_flat(before: PositionRow) -> None:
    """The service lists neither the position nor what became of it."""
    after = closed_row(before, None)
    assert (after.is_open, after.realized_pnl, after.fees_paid) == (False, None, None)


@pytest.mark.parametrize("volume", ["0", None])
def test_a_row_of_nothing_stays_so_without_a_settlement(volume: str | None) -> None:
    """Its only fill was busted: services list no settlement of that, and no position once the market is settled."""
    after = closed_row(row("0", "0", "0", volume, fees_paid="0"), None)
    assert (after.is_open, after.realized_pnl, after.fees_paid) == (False, Decimal(0), Decimal(0))


def test_what_was_unknown_stays_so() -> None:
    """And is not asked for again."""
    stated = settlement("yes", *TEN_YES, "10")
    assert not needs_fills(row("0", "0", None), stated)
    assert closed_row(row("0", "0", None), stated).realized_pnl is None
