"""Production rows and fills that were captured; they lie outside the project, and not on every machine."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from openpositions.core.events import Fill
from openpositions.core.money import parse_fixed
from openpositions.core.position import RowKey

CAPTURES = Path(__file__).parents[2] / "shared" / "captures"
needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason="captured production rows are not on this machine")


def captured(name: str) -> list[dict[str, Any]]:
    """The lines of a capture."""
    with (CAPTURES / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def key_of(ticker: str) -> RowKey:
    """The one account that was captured."""
    return "account", 0, ticker


def fills_of(ticker: str, until: str) -> list[Fill]:
    """The captured fills of a market up to a time, in order. In these rows `side` is the side acquired."""
    rows = [line["data"] for line in captured("fills.jsonl") if line["data"]["ticker"] == ticker]
    rows.sort(key=lambda row: datetime.fromisoformat(row["created_time"]))
    return [
        Fill(
            row["trade_id"],
            *key_of(ticker),
            row["side"] == "yes",
            parse_fixed(row["yes_price_dollars"], 4),
            parse_fixed(row["count_fp"], 2),
            parse_fixed(row["fee_cost"], 6),
            row["ts"] * 1000,
        )
        for row in rows
        if datetime.fromisoformat(row["created_time"]) <= datetime.fromisoformat(until)
    ]
