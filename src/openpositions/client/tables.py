"""Holdings as tables of the two common libraries, where they are installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openpositions.errors import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import polars as pl

    from openpositions.client.holdings import Holding

COLUMNS = (
    "market_ticker",
    "position",
    "cost",
    "realized_pnl",
    "unrealized_pnl",
    "fees_paid",
    "mark",
    "market_value",
    "sequence",
    "time",
)
_AMOUNTS = ("position", "cost", "realized_pnl", "unrealized_pnl", "fees_paid", "mark", "market_value")

# 64-bit integers of 1/1,000,000 dollar have 19 digits.
_PRECISION, _SCALE = 38, 6


def pandas_frame(holdings: Iterable[Holding]) -> pd.DataFrame:
    """A row for each market. Amounts are Decimals, exact; None is unknown. Raises NotInstalled."""
    pandas = _library("pandas")
    frame: pd.DataFrame = pandas.DataFrame(_columns(holdings), columns=list(COLUMNS), dtype=object)
    return frame.astype({"sequence": "Int64"}).assign(time=pandas.to_datetime(frame["time"], utc=True))


def polars_frame(holdings: Iterable[Holding]) -> pl.DataFrame:
    """A row for each market. Amounts are Decimals with 6 places, exact; null is unknown. Raises NotInstalled."""
    polars = _library("polars")
    schema = dict.fromkeys(COLUMNS, polars.String)
    schema |= dict.fromkeys(_AMOUNTS, polars.Decimal(_PRECISION, _SCALE))
    schema |= {"sequence": polars.Int64, "time": polars.Datetime("us", "UTC")}
    frame: pl.DataFrame = polars.DataFrame(_columns(holdings), schema=schema)
    return frame


def _columns(holdings: Iterable[Holding]) -> dict[str, list[Any]]:
    holdings = list(holdings)
    return {name: [getattr(holding, name) for holding in holdings] for name in COLUMNS}


def _library(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise NotInstalled(f"{name} is not installed; `pip install {name}` makes this work") from None
