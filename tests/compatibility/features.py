"""What a client may be able to do, in the order of the table's columns."""

from enum import StrEnum


class Feature(StrEnum):
    """The value heads the column."""

    CONNECTS = "connects"
    POSITIONS_2025 = "positions, 2025"
    POSITIONS_2026 = "positions, 2026"
    POSITIONS_BOTH = "positions, both"
    NAMED_MARKETS = "named markets"
    FILLS = "fills"
    LIFECYCLE = "lifecycle"
    ADDS = "adds a market"
    REMOVES = "removes a market"
    UNSUBSCRIBES = "unsubscribes"
    RECONNECTS = "reconnects"
    READ_POSITIONS = "positions"
    READ_FILLS = "fills "
    READ_SETTLEMENTS = "settlements"
    READ_BALANCE = "balance"
    READ_STATUS = "status"


MEANINGS = {
    Feature.CONNECTS: "signs the handshake and opens the socket",
    Feature.POSITIONS_2025: "every market's row after a trade and after settlement, in the integers of 2025, all right",
    Feature.POSITIONS_2026: "the same in the texts of 2026",
    Feature.POSITIONS_BOTH: "the same in the default dialect, which carries both",
    Feature.NAMED_MARKETS: "subscribed with tickers, it gets the rows of those markets and of no other",
    Feature.FILLS: "the channel `fill`, with the right market, side, price and count",
    Feature.LIFECYCLE: "the channel `market_lifecycle_v2`: it hears that a market settled",
    Feature.ADDS: "a market added to a running subscription",
    Feature.REMOVES: "a market taken out of it",
    Feature.UNSUBSCRIBES: "the rows stop when it says so",
    Feature.RECONNECTS: "the connection is cut; it comes back, subscribes again and gets rows",
    Feature.READ_POSITIONS: "`GET /portfolio/positions`, parsed, with right values",
    Feature.READ_FILLS: "`GET /portfolio/fills`",
    Feature.READ_SETTLEMENTS: "`GET /portfolio/settlements`",
    Feature.READ_BALANCE: "`GET /portfolio/balance`",
    Feature.READ_STATUS: "`GET /exchange/status`",
}

STREAMS = frozenset(feature for feature in Feature if not feature.name.startswith("READ_"))
READS = frozenset(Feature) - STREAMS
