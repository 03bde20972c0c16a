"""Real-time positions for prediction markets: fills go in, exact positions come out, live.

from openpositions import Client
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpositions import sync as sync
    from openpositions.client.client import Client
    from openpositions.client.holdings import Holding, Snapshot, Totals
    from openpositions.client.news import Bookmark
    from openpositions.client.portfolio import Portfolio
    from openpositions.client.records import Balance, Fill, Settlement
    from openpositions.client.rows import Cause, PositionRow
    from openpositions.client.stream import PositionStream

    __version__: str

# Imported when first used: a command that needs none of this does not wait for its libraries.
_HOMES = {
    "Balance": "openpositions.client.records",
    "Bookmark": "openpositions.client.news",
    "Cause": "openpositions.client.rows",
    "Client": "openpositions.client.client",
    "Fill": "openpositions.client.records",
    "Holding": "openpositions.client.holdings",
    "Portfolio": "openpositions.client.portfolio",
    "PositionRow": "openpositions.client.rows",
    "PositionStream": "openpositions.client.stream",
    "Settlement": "openpositions.client.records",
    "Snapshot": "openpositions.client.holdings",
    "Totals": "openpositions.client.holdings",
}

__all__ = [
    "Balance",
    "Bookmark",
    "Cause",
    "Client",
    "Fill",
    "Holding",
    "Portfolio",
    "PositionRow",
    "PositionStream",
    "Settlement",
    "Snapshot",
    "Totals",
    "__version__",
]


if not TYPE_CHECKING:  # a type checker would take any name for one that is found here

    def __getattr__(name: str) -> object:
        if name == "__version__":
            found: object = import_module("importlib.metadata").version("openpositions")
        elif name == "sync":
            found = import_module("openpositions.sync")
        elif name in _HOMES:
            found = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
