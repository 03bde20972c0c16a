"""The clients of the run: what each says it can do, how it puts numbers, and what it is known to get wrong.

A feature is offered where the library has a call for it. A fault is written down with its cause only after it was seen
and found to be the client's; the run still observes it, and fails if it has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.acceptance.programs import Program
from tests.compatibility.features import READS, STREAMS, Feature
from tests.compatibility.values import (
    DECIMALS,
    INTEGERS,
    READ_DECIMALS,
    READ_FIRST,
    READ_INTEGERS,
    READ_TEXTS,
    READ_UNIFIED,
    TEXTS,
    UNIFIED,
    Naming,
)


class Client(NamedTuple):
    """One client, of one version."""

    name: str
    environment: str
    lacks: frozenset[Feature]
    """What it has no call for."""
    stream: str = ""
    """The script that follows channels; none for a client of the reads only."""
    reads: tuple[str, ...] = ()
    """The script that reads the portfolio, and its arguments."""
    namings: Mapping[Feature, Naming] = {}
    """How it puts the rows of each dialect."""
    read_values: Mapping[str, Any] = {}
    encrypted: bool = False
    """Whether it connects by TLS only."""
    faults: Mapping[Feature, str] = {}
    """What is known to fail through no fault of the service, with the cause."""

    @property
    def program(self) -> Program:
        """The one that follows channels."""
        return Program(self.environment, self.stream)

    @property
    def reader(self) -> Program:
        """The one that reads."""
        return Program(self.environment, self.reads[0])

    @property
    def naming(self) -> Naming:
        """How it puts the rows of the default dialect."""
        return self.namings[Feature.POSITIONS_BOTH]


_RAW = {
    Feature.POSITIONS_2025: INTEGERS,
    Feature.POSITIONS_2026: TEXTS,
    Feature.POSITIONS_BOTH: TEXTS,
}
_TODAYS = {Feature.POSITIONS_2026: TEXTS, Feature.POSITIONS_BOTH: TEXTS}
_FILL_WITHOUT_MARKET = (
    "Its model of a fill calls the market `ticker`, as the REST read does; the frame says `market_ticker`, so the "
    "client hands over a fill of no market (arshka/pykalshi#21; right in 2.0.0)."
)

CLIENTS = (
    Client(
        "pykalshi 2.0.0, AsyncFeed",
        "pykalshi-2.0.0",
        frozenset({Feature.POSITIONS_2025, Feature.REMOVES}),
        "pykalshi_async_feed",
        ("pykalshi_reads",),
        _TODAYS,
        READ_TEXTS,
    ),
    Client(
        "pykalshi 2.0.0, Feed",
        "pykalshi-2.0.0",
        frozenset({Feature.POSITIONS_2025, Feature.REMOVES}) | READS,
        "pykalshi_feed",
        namings=_TODAYS,
    ),
    Client(
        "pykalshi 0.3.7, AsyncFeed",
        "pykalshi-0.3.7",
        # `subscribe` on an open connection waits for the next one.
        frozenset({Feature.ADDS, Feature.REMOVES}),
        "pykalshi_async_feed",
        ("pykalshi_reads",),
        _RAW,
        READ_INTEGERS,
        faults={Feature.FILLS: _FILL_WITHOUT_MARKET},
    ),
    Client(
        "pykalshi 0.3.7, Feed",
        "pykalshi-0.3.7",
        frozenset({Feature.REMOVES}) | READS,
        "pykalshi_feed",
        namings=_RAW,
        faults={Feature.FILLS: _FILL_WITHOUT_MARKET},
    ),
    Client(
        "kalshi-sdk 22.4.0",
        "kalshi-sdk-22.4.0",
        frozenset({Feature.POSITIONS_2025, Feature.NAMED_MARKETS, Feature.ADDS, Feature.REMOVES}),
        "kalshi_sdk_feed",
        ("kalshi_sdk_reads",),
        {Feature.POSITIONS_2026: DECIMALS, Feature.POSITIONS_BOTH: DECIMALS},
        READ_DECIMALS,
        faults={
            Feature.UNSUBSCRIBES: "Its `unsubscribe` reads the socket to wait for the answer while its own loop reads "
            "it too, and fails with websockets' ConcurrencyError."
        },
    ),
    Client(
        "pykalshi-client 1.3.0",
        "pykalshi-client-1.3.0",
        frozenset({Feature.POSITIONS_2025, Feature.POSITIONS_2026, Feature.POSITIONS_BOTH}),
        "pykalshi_client_feed",
        ("pykalshi_client_reads",),
        _TODAYS,
        READ_TEXTS,
    ),
    Client(
        "synpath 0.11.0",
        "synpath-0.11.0",
        frozenset({Feature.POSITIONS_2025, Feature.REMOVES, Feature.UNSUBSCRIBES, Feature.READ_STATUS}),
        "synpath_feed",
        ("synpath_reads",),
        {Feature.POSITIONS_2026: UNIFIED, Feature.POSITIONS_BOTH: UNIFIED},
        READ_UNIFIED,
    ),
    Client(
        "dtr-kalshi 0.2.3",
        "dtr-kalshi-0.2.3",
        frozenset({Feature.RECONNECTS}),
        "dtr_feed",
        ("dtr_reads",),
        _RAW,
        READ_TEXTS,
    ),
    Client(
        "neural-sdk 0.4.1",
        "neural-sdk-0.4.1",
        frozenset({Feature.RECONNECTS}) | READS - {Feature.READ_POSITIONS},
        "neural_feed",
        ("neural_reads",),
        _RAW,
        {"positions": [{"market_id": "RAIN", "side": "yes", "quantity": 10}]},
        encrypted=True,
        faults={
            Feature.READ_POSITIONS: "It looks for `positions`, `quantity` and `avg_price`, the names of another API; "
            "rows of `market_positions` are not found."
        },
    ),
    Client(
        "kalshi-python-unofficial 0.0.1",
        "kalshi-python-unofficial-0.0.1",
        frozenset({Feature.REMOVES, Feature.UNSUBSCRIBES, Feature.RECONNECTS}),
        "unofficial_client",
        ("unofficial_reads",),
        _RAW,
        READ_TEXTS,
    ),
    Client(
        "kalshi-python-async 3.34.0, the venue's own",
        "kalshi-python-async-3.34.0",
        STREAMS,
        reads=("official_async_reads",),
        read_values=READ_TEXTS,
    ),
    Client(
        "kalshi-python-async 3.2.0, the venue's own",
        "kalshi-python-async-3.2.0",
        STREAMS,
        reads=("official_async_reads",),
        read_values=READ_INTEGERS,
    ),
    Client(
        "kalshi-python-sync 3.34.0, the venue's own",
        "kalshi-python-sync-3.34.0",
        STREAMS,
        reads=("official_reads", "kalshi_python_sync"),
        read_values=READ_TEXTS,
    ),
    Client(
        "kalshi-python-sync 3.2.0, the venue's own",
        "kalshi-python-sync-3.2.0",
        STREAMS,
        reads=("official_reads", "kalshi_python_sync"),
        read_values=READ_INTEGERS,
    ),
    Client(
        "kalshi-python 2.1.4, the venue's own",
        "kalshi-python-2.1.4",
        STREAMS,
        reads=("official_reads", "kalshi_python"),
        read_values=READ_FIRST,
        faults={
            Feature.READ_POSITIONS: "Its model calls the rows `positions`; the venue, and so the service, calls them "
            "`market_positions`. The client sees an account without positions.",
            Feature.READ_SETTLEMENTS: "Its model has `result`, the row `market_result`: how the market ended is lost. "
            "Counts and revenue are right.",
        },
    ),
    Client("kyro 0.1.2", "kyro-0.1.2", STREAMS, reads=("kyro_reads",), read_values=READ_TEXTS),
)
