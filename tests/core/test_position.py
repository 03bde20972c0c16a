"""What a position is worth at a price. What events do to it: test_rules_*.py."""

import pytest

from openpositions.core.position import Position, empty_row, value_of


@pytest.mark.parametrize(
    ("position", "yes_price", "micros"),
    [
        (10_00, 6000, 6_000000),
        (-10_00, 6000, 4_000000),
        (-10_00, 0, 10_000000),
        (10_00, 0, 0),
        (-10_00, 10_000, 0),
        (1, 1, 1),
        (-1, 9_999, 1),
        (0, 6000, 0),
    ],
)
def test_contracts_are_worth_the_price_of_their_side(position: int, yes_price: int, micros: int) -> None:
    """A NO is worth what a YES lacks to 1 dollar; what is flat is worth nothing."""
    assert value_of(position, yes_price) == micros


def test_row_of_a_user_who_never_traded_is_flat_and_was_never_changed() -> None:
    """It has its key, and zeros."""
    assert empty_row(("alice", 3, "RAIN")) == Position("alice", 3, "RAIN", *[0] * 12)
