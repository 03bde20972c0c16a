"""Frames of the `market_lifecycle_v2` channel (protocol, 4; field order as the venue sends it)."""

import msgspec

from openpositions.core.market import Market
from openpositions.core.money import format_price

_encode = msgspec.json.Encoder().encode


class Determined(msgspec.Struct):
    """What a market will settle at. Times are Unix seconds."""

    market_ticker: str
    determination_ts: int
    result: str
    settlement_value: str | msgspec.UnsetType = msgspec.UNSET
    """Absent for a void market: there is no value per contract."""
    event_type: str = "determined"


class Settled(msgspec.Struct):
    """A market settled."""

    market_ticker: str
    settled_ts: int
    event_type: str = "settled"


def lifecycle_messages(before: Market, after: Market) -> list[bytes]:
    """The `msg` of each frame that a change of a market gives, times in Unix seconds.

    A settlement of a market that was not determined, or otherwise, says both: whoever waits for either is told.
    """
    messages = []
    if (before.result, before.value_bp) != (after.result, after.value_bp):
        value = msgspec.UNSET if after.value_bp is None else format_price(after.value_bp)
        determination_ts = (after.determined_ts_ms or 0) // 1000
        messages.append(_encode(Determined(after.market_ticker, determination_ts, after.result or "", value)))
    if after.settled and not before.settled:
        messages.append(_encode(Settled(after.market_ticker, (after.settled_ts_ms or 0) // 1000)))
    return messages
