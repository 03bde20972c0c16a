"""Rows of a service without extensions that it lists no more."""

from __future__ import annotations

from decimal import Decimal

from openpositions.client.rows import PositionRow
from openpositions.client.unnumbered import Closed, Unnumbered


def row(position: str, realized_pnl: str | None) -> PositionRow:
    """Of RAIN."""
    return PositionRow(
        user_id="alice",
        market_ticker="RAIN",
        subaccount=0,
        position=Decimal(position),
        cost=Decimal(position) / 2,
        realized_pnl=None if realized_pnl is None else Decimal(realized_pnl),
        fees_paid=Decimal(0),
    )


HELD, UNKNOWN, SETTLED = row("10", "0"), row("0", None), row("0", "5")


def test_a_settlement_that_was_found_is_not_asked_for_again() -> None:
    """Unless somebody adds up."""
    known = Unnumbered()
    known.close([Closed(SETTLED)])

    assert known.missing([SETTLED], [], again=False) == []
    assert known.missing([SETTLED], [], again=True) == [SETTLED]


def test_a_settlement_that_is_not_listed_yet_is_asked_for_again() -> None:
    """About the row as it was: what became of it is unknown so far, and would stay so."""
    known = Unnumbered()
    known.close([Closed(UNKNOWN, HELD)])

    assert known.missing([UNKNOWN], [], again=False) == [HELD]
    assert known.missing([UNKNOWN], [], again=True) == [HELD]


def test_a_settlement_that_was_found_later_is_not_asked_for_again() -> None:
    """It is known now."""
    known = Unnumbered()
    known.close([Closed(UNKNOWN, HELD)])
    known.close([Closed(SETTLED)])

    assert known.missing([SETTLED], [], again=False) == []
    assert known.missing([SETTLED], [], again=True) == [SETTLED]


def test_what_came_since_counts() -> None:
    """A frame of the row is newer than what was awaited."""
    known = Unnumbered()
    known.close([Closed(UNKNOWN, HELD)])
    known.reopen(SETTLED)

    assert known.missing([SETTLED], [], again=False) == [SETTLED]
