"""Which markets are watched, and in which order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openpositions.cli.watch.view import View, parse_order, sums_of
from openpositions.client.holdings import Holding, holding_of
from openpositions.errors import Misconfigured
from tests.cli.watch.portfolios import held

HOLDINGS = [
    held("B", position="-2.00", cost="1.0000", mark="0.9000", realized="5", fees="0.1", age_seconds=60),
    held("C", position="9.00", cost="8.0000", mark=None, realized="-1", fees="0.3", age_seconds=None),
    held("A", position="3.00", cost="2.0000", mark="0.9000", realized="0", fees="0.2", age_seconds=1),
]


def tickers(holdings: list[Holding]) -> str:
    """The markets in one text."""
    return "".join(holding.market_ticker for holding in holdings)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ticker", "ABC"),
        ("ticker:desc", "CBA"),
        ("position", "CAB"),
        ("position:asc", "BAC"),
        ("exposure", "CAB"),
        ("unrealized", "ABC"),
        ("unrealized:asc", "BAC"),
        ("realized", "BAC"),
        ("fees", "CAB"),
        ("age", "ABC"),
        ("age:desc", "BAC"),
    ],
)
def test_order(order: str, expected: str) -> None:
    """What matters most comes first unless the other way is asked for, and what is unknown always last."""
    assert tickers(View(parse_order(order)).shown(HOLDINGS)) == expected


def test_equal_rows_are_ordered_by_ticker() -> None:
    """Whichever way the order goes."""
    equal = [held("B"), held("C"), held("A")]

    assert tickers(View(parse_order("exposure:desc")).shown(equal)) == "ABC"


@pytest.mark.parametrize("text", ["", "size", "age:", "age:up", "Ticker", "x" * 200])
def test_unknown_order_is_refused(text: str) -> None:
    """With the names that there are."""
    with pytest.raises(Misconfigured, match="--sort must be one of ticker, position, exposure, unrealized, realized, "):
        parse_order(text)


def test_patterns() -> None:
    """A ticker, or one with wildcards; one that fits is enough, and case counts."""
    view = View(parse_order("ticker"), ["FED-*", "RAIN"])

    assert [name for name in ("FED-1", "FED", "RAIN", "RAIN-2", "fed-1") if view.matches(name)] == ["FED-1", "RAIN"]


def test_flat_rows_are_shown_on_demand() -> None:
    """Nothing is held of them any more."""
    holdings = [held("OPEN"), held("FLAT", position="0.00", cost="0.0000")]

    assert tickers(View(parse_order("ticker")).shown(holdings)) == "OPEN"
    assert tickers(View(parse_order("ticker"), flat=True).shown(holdings)) == "FLATOPEN"


def test_subaccounts_that_cancel_out_are_open() -> None:
    """They cost something, although their sum is 0."""
    both = [held("RAIN", position="5.00").rows[0], held("RAIN", position="-5.00", subaccount=1).rows[0]]

    assert tickers(View(parse_order("ticker")).shown([holding_of(both, None)])) == "RAIN"


def test_sums_leave_out_what_is_unknown() -> None:
    """The gain of A is 0.7, the loss of B 0.8; what C is worth nobody knows."""
    assert sums_of(HOLDINGS) == (Decimal(11), Decimal("-0.1"), Decimal(4), Decimal("0.6"))


def test_sum_of_unknown_values_is_unknown() -> None:
    """It is not 0; that of nothing is."""
    assert sums_of([held("C", mark=None)]).unrealized_pnl is None
    assert sums_of([]).unrealized_pnl == 0
