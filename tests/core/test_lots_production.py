"""Lots of the fills that were captured in production, held against the rows that the venue reported after them."""

from openpositions.core.events import Entry
from openpositions.core.lots import RowLots
from openpositions.core.market import undeclared_market
from openpositions.core.money import parse_fixed
from tests.captures import captured, fills_of, key_of, needs_captures


@needs_captures
def test_gains_of_captured_fills_are_what_the_venue_realized() -> None:
    """Less the basis of what is open, less the cost that the venue reports for it; 15 of 35 rows are flat."""
    flat = checked = 0
    for line in captured("positions.jsonl"):
        venue = line["data"]
        fills = fills_of(venue["ticker"], venue["last_updated_ts"]) if "last_updated_ts" in venue else []
        if not fills:
            continue
        lots = RowLots(key_of(venue["ticker"]), undeclared_market(venue["ticker"]))
        disposals = [one for place, fill in enumerate(fills, 1) for one in lots.take(Entry(place, fill))]

        gained = sum(disposal.gain_micros for disposal in disposals)
        basis = sum(lot.basis_micros for lot in lots.open)
        fees = sum(one.fees_micros + (one.lot.fees_micros if one.lot else 0) for one in disposals)
        assert gained - basis == parse_fixed(venue["realized_pnl_dollars"], 6) - parse_fixed(
            venue["market_exposure_dollars"], 6
        )
        assert fees + sum(lot.fees_micros for lot in lots.open) == parse_fixed(venue["fees_paid_dollars"], 6)
        flat += not lots.open
        checked += 1

    assert (checked, flat) == (35, 15)
