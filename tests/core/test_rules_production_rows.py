"""Rows that the venue reported, made again from the fills of the account (accounting, the rules marked there).

A few of them stand here; all that were captured lie outside the project, and are tested where they are.
"""

from typing import NamedTuple

import pytest

from openpositions.core.events import Fill
from openpositions.core.invariants import cost_violation
from openpositions.core.money import parse_fixed
from openpositions.core.position import Position, empty_row
from tests.captures import captured, fills_of, key_of, needs_captures
from tests.events import bought_no, bought_yes
from tests.journaled_book import book_after


class Reported(NamedTuple):
    """The numbers of a row that the venue reports."""

    position: int
    cost: int
    realized_pnl: int
    fees_paid: int
    total_traded: int


def reported(row: Position) -> Reported:
    """The same numbers of a row of ours."""
    return Reported(row.position, row.cost, row.realized_pnl, row.fees_paid, row.total_traded)


@pytest.mark.parametrize(
    ("fills", "row"),
    [
        pytest.param(
            [bought_yes("1", 2_00, 8200, fee=30_000), bought_yes("2", 1_00, 8200, fee=20_000)],
            Reported(3_00, 2_460000, 0, 50_000, 2_460000),
            id="081345: two openings",
        ),
        pytest.param(
            [bought_yes("1", 1_00, 700, fee=10_000), bought_no("2", 1_00, 9060, fee=14_000)],
            Reported(0, 0, 24_000, 24_000, 976_000),
            id="072315: YES opened and closed, at a sub-cent price",
        ),
        pytest.param(
            [bought_no("1", 1_00, 5100, fee=20_000), bought_yes("2", 1_00, 1900, fee=20_000)],
            Reported(0, 0, 300_000, 40_000, 700_000),
            id="080200: NO opened and closed",
        ),
        pytest.param(
            [
                bought_yes("1", 2_00, 7900, fee=30_000),
                bought_yes("2", 1_00, 7800, fee=20_000),
                bought_no("3", 3_00, 6100, fee=50_000),
                bought_no("4", 1_04, 7500, fee=20_000),
                bought_no("5", 96, 7500, fee=10_000),
                bought_no("6", 1_00, 7500, fee=20_000),
            ],
            Reported(-3_00, 2_250000, -1_190000, 150_000, 6_440000),
            id="101315: closed at a loss and reopened on the other side, in fractions",
        ),
        pytest.param(
            [
                bought_no("1", 2_00, 7500, fee=30_000),
                bought_no("2", 1_00, 7500, fee=20_000),
                bought_yes("3", 3_00, 3800, fee=50_000),
                bought_no("4", 2_00, 7500, fee=30_000),
                bought_no("5", 1_00, 7500, fee=20_000),
            ],
            Reported(-3_00, 2_250000, -390_000, 150_000, 5_640000),
            id="101345: closed and reopened on the same side",
        ),
        pytest.param(
            [
                bought_yes("1", 2_00, 7600, fee=30_000),
                bought_no("2", 1_00, 2200, fee=20_000),
                bought_no("3", 1_00, 2000, fee=20_000),
                bought_no("4", 2_00, 1400, fee=20_000),
                bought_yes("5", 1_00, 8700, fee=10_000),
                bought_yes("6", 1_00, 4900, fee=20_000),
                bought_yes("7", 2_00, 1400, fee=20_000),
                bought_no("8", 2_00, 9680, fee=14_000),
            ],
            Reported(0, 0, 204_000, 154_000, 5_796000),
            id="102045: three round trips with partial closes",
        ),
    ],
)
def test_row_is_the_one_that_the_venue_reported(fills: list[Fill], row: Reported) -> None:
    """Position, cost, realized P&L, fees and total traded, to the last digit."""
    assert reported(book_after(*fills).row()) == row


@needs_captures
def test_every_captured_row_that_has_its_fills_is_made_again() -> None:
    """35 rows have fills before them; each is made exactly."""
    checked = 0
    for line in captured("positions.jsonl"):
        venue = line["data"]
        fills = fills_of(venue["ticker"], venue["last_updated_ts"]) if "last_updated_ts" in venue else []
        if not fills:
            continue
        assert reported(book_after(*fills).row(*key_of(venue["ticker"]))) == Reported(
            position=parse_fixed(venue["position_fp"], 2),
            cost=parse_fixed(venue["market_exposure_dollars"], 6),
            realized_pnl=parse_fixed(venue["realized_pnl_dollars"], 6),
            fees_paid=parse_fixed(venue["fees_paid_dollars"], 6),
            total_traded=parse_fixed(venue["total_traded_dollars"], 6),
        ), venue
        checked += 1

    assert checked == 35


@needs_captures
def test_cost_of_every_captured_row_is_one_that_ours_could_have() -> None:
    """Invariant 1 holds for all 63 rows, also those whose fills were not captured."""
    rows = [
        empty_row(key_of(venue["ticker"]))._replace(
            position=parse_fixed(venue["position_fp"], 2), cost=parse_fixed(venue["market_exposure_dollars"], 6)
        )
        for venue in (line["data"] for line in captured("positions.jsonl"))
    ]

    assert len(rows) == 63
    assert [row for row in rows if cost_violation(row)] == []
