"""Holdings as tables of pandas and Polars."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from openpositions.client.holdings import Holding, holding_of
from openpositions.client.rows import PositionRow
from openpositions.client.tables import COLUMNS, pandas_frame, polars_frame
from openpositions.errors import NotInstalled

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def holding(ticker: str, mark: str | None) -> Holding:
    """Ten YES contracts that cost 4 dollars and a millionth."""
    row = PositionRow(
        user_id="alice",
        market_ticker=ticker,
        subaccount=0,
        position=Decimal("10.00"),
        cost=Decimal("4.000001"),
        realized_pnl=Decimal("-0.5"),
        fees_paid=Decimal(0),
        sequence=7 if mark else None,
        time=WHEN if mark else None,
    )
    return holding_of([row], None if mark is None else Decimal(mark))


HOLDINGS = [holding("RAIN", "0.6000"), holding("SNOW", None)]


@pytest.mark.parametrize(("name", "frame"), [("pandas", pandas_frame), ("polars", polars_frame)])
def test_a_missing_library_is_named(name: str, frame: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(NotInstalled, match=f"pip install {name}"):
        frame(HOLDINGS)  # type: ignore[operator]


def test_pandas_gets_exact_amounts() -> None:
    """Decimals, integers that may be missing, and times with their zone."""
    frame = pandas_frame(HOLDINGS)
    assert list(frame.columns) == list(COLUMNS)
    rain, snow = frame.to_dict("records")
    assert (rain["market_ticker"], rain["cost"], rain["unrealized_pnl"]) == (
        "RAIN",
        Decimal("4.000001"),
        Decimal("1.999999"),
    )
    assert (rain["sequence"], rain["time"].to_pydatetime()) == (7, WHEN)
    assert (snow["mark"], snow["unrealized_pnl"]) == (None, None)
    assert frame["sequence"].isna().tolist() == frame["time"].isna().tolist() == [False, True]


def test_polars_gets_exact_amounts() -> None:
    """Decimals of 6 places, and nulls for what is unknown."""
    rain, snow = polars_frame(HOLDINGS).to_dicts()
    assert (rain["market_ticker"], rain["cost"], rain["unrealized_pnl"]) == (
        "RAIN",
        Decimal("4.000001"),
        Decimal("1.999999"),
    )
    assert (rain["sequence"], rain["time"]) == (7, WHEN)
    assert (snow["mark"], snow["unrealized_pnl"], snow["sequence"], snow["time"]) == (None, None, None, None)


@pytest.mark.parametrize("frame", [pandas_frame, polars_frame])
def test_nothing_held_is_an_empty_table(frame: object) -> None:
    """With all of its columns."""
    empty = frame([])  # type: ignore[operator]
    assert (len(empty), list(empty.columns)) == (0, list(COLUMNS))
