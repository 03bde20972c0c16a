"""Bodies of events, in the form of the venue's own frames, to core events (interfaces, "Events in")."""

from collections.abc import Callable
from typing import cast

from openpositions.core.events import Event
from openpositions.errors import InvalidInput
from openpositions.wire.account_events import read_adjustment, read_bust, read_cash
from openpositions.wire.bodies import ParsedBody, nothing_read, read_documents, split_body
from openpositions.wire.decoding import decode_message
from openpositions.wire.fill_events import read_fill
from openpositions.wire.market_events import read_lifecycle, read_market, read_settlement, read_ticker
from openpositions.wire.messages import (
    AdjustmentMessage,
    BustMessage,
    CashMessage,
    FillMessage,
    LifecycleMessage,
    MarketMessage,
    Message,
    SettlementMessage,
    TickerMessage,
)

_READERS = cast(
    "dict[type[Message], Callable[[Message, int], Event]]",
    {
        FillMessage: read_fill,
        SettlementMessage: read_settlement,
        LifecycleMessage: read_lifecycle,
        TickerMessage: read_ticker,
        AdjustmentMessage: read_adjustment,
        BustMessage: read_bust,
        CashMessage: read_cash,
        MarketMessage: read_market,
    },
)


def parse_body(body: bytes, arrival_ts_ms: int) -> ParsedBody:
    """The events of a body, NDJSON or a JSON array, and a named error for every line that is none. Never raises."""

    def read(document: bytes) -> Event:
        message = decode_message(document)
        return _READERS[type(message)](message, arrival_ts_ms)

    try:
        return read_documents(split_body(body), read)
    except InvalidInput as error:
        return nothing_read(error)
