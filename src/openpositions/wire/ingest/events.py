"""Bodies of events, in the form of the venue's own frames, to core events (interfaces, "Events in")."""

from collections.abc import Callable, Iterator
from typing import cast

from openpositions.core.events import Event
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.account_events import read_adjustment, read_bust, read_cash
from openpositions.wire.ingest.bodies import Document, ParsedBody, nothing_read, read_documents, split_body
from openpositions.wire.ingest.decoding import decode_message
from openpositions.wire.ingest.fill_events import read_fill
from openpositions.wire.ingest.market_events import read_lifecycle, read_market, read_settlement, read_ticker
from openpositions.wire.ingest.messages import (
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

# What a piece has: some ms of work even where every line is as long, and as slow, as a line may be.
_DOCUMENTS_A_PIECE, _BYTES_A_PIECE = 256, 128 * 1024

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
    whole = ParsedBody([], [], [])
    for piece in parse_pieces(body, arrival_ts_ms):
        whole.extend(piece)
    return whole


def parse_pieces(body: bytes, arrival_ts_ms: int) -> Iterator[ParsedBody]:
    """The same, some thousandths of a second's worth at a time, for callers with other work to do in between."""

    def read(document: bytes) -> Event:
        message = decode_message(document)
        return _READERS[type(message)](message, arrival_ts_ms)

    try:
        documents = split_body(body)
    except InvalidInput as error:
        yield nothing_read(error)
        return
    piece: list[Document] = []
    size = 0
    for document in documents:
        piece.append(document)
        size += len(document[1])
        if len(piece) == _DOCUMENTS_A_PIECE or size >= _BYTES_A_PIECE:
            yield read_documents(piece, read)
            piece, size = [], 0
    if piece:
        yield read_documents(piece, read)
