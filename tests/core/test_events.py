"""What belongs to a row."""

from openpositions.core.events import row_key_of
from tests.events import adjusted, bought_yes, busted, paid_in, settled

KEY = ("alice", 0, "RAIN")


def test_only_fills_and_adjustments_belong_to_a_row() -> None:
    """A bust names a trade, a settlement a market, cash an account."""
    assert [row_key_of(event) for event in (bought_yes("t1"), adjusted("a1"))] == [KEY, KEY]
    assert [row_key_of(event) for event in (busted("b1", "t1"), settled("yes"), paid_in("c1", 1))] == [None] * 3
