"""Fill rows of the venue's REST reads, for `ingest --from kalshi-rest` (accounting, "Position").

In such a row `side` is the side acquired and `action` adds nothing, unlike in the venue's socket frames.
"""

from collections.abc import Iterator, Mapping

import msgspec

from openpositions.core.events import Fill
from openpositions.errors import InvalidInput
from openpositions.wire.ingest.bodies import Document, ParsedBody, nothing_read, read_documents, split_body
from openpositions.wire.ingest.decoding import convert_message, decode_object, refuse_repeated_keys
from openpositions.wire.ingest.fields import invalid, missing, shown
from openpositions.wire.ingest.fill_events import read_fill
from openpositions.wire.ingest.messages import FillMessage, RestFillRow


class _Page(msgspec.Struct):
    fills: list[msgspec.Raw]


_decode_page = msgspec.json.Decoder(_Page).decode


def parse_rest_fills(body: bytes, user_id: str, arrival_ts_ms: int) -> ParsedBody:
    """The fills of one user in pages, `{"fills": […], "cursor": …}`, or in rows; a named error for each that is none.

    A body that is one page may be laid out over many lines, and its rows are numbered. Otherwise each line, or element
    of an array, is a page or a row, and the rows of a page all have the number of their line. Never raises.
    """

    def read(document: bytes) -> Fill:
        row = decode_object(document)
        refuse_repeated_keys(document)
        return rest_fill(row, user_id, arrival_ts_ms)

    try:
        return read_documents(_split_pages(body), read)
    except InvalidInput as error:
        return nothing_read(error)


def rest_fill(row: Mapping[str, object], user_id: str, arrival_ts_ms: int | None = None) -> Fill:
    """The fill that a row tells of. Raises InvalidInput naming the field.

    A row without a time happened when it arrived, and is refused where no arrival is given.
    """
    rest = convert_message(row, RestFillRow)
    time = rest.ts if rest.created_time is None else rest.created_time
    if time is None and arrival_ts_ms is None:
        raise missing("created_time")
    said_plainly = row.get("outcome_side") is not None or row.get("book_side") is not None
    if rest.side is None and not said_plainly:
        raise missing("side", ": a row states it, or outcome_side or book_side")
    as_in_a_frame = {
        "user_id": user_id,
        "trade_id": _either("trade_id", rest.trade_id, "fill_id", rest.fill_id),
        "market_ticker": _either("market_ticker", rest.market_ticker, "ticker", rest.ticker),
        "outcome_side": row.get("outcome_side") if said_plainly else rest.side,
        "yes_price_dollars": rest.yes_price_dollars or rest.yes_price_fixed,
        "no_price_dollars": rest.no_price_dollars or rest.no_price_fixed,
        "ts": time,
    }
    return read_fill(convert_message({**row, **as_in_a_frame}, FillMessage), arrival_ts_ms or 0)


def _either(field: str, stated: str | None, twin_field: str, twin: str | None) -> str | None:
    """What a row says under one of two names, or alike under both."""
    if stated is not None and twin is not None and stated != twin:
        raise invalid(field, f"{field} {shown(stated)} and {twin_field} {shown(twin)} must be the same")
    return twin if stated is None else stated


def _split_pages(body: bytes) -> Iterator[Document]:
    rows = _rows_of_page(body)
    if rows is not None:
        yield from enumerate(rows, 1)
        return
    for line, document in split_body(body):
        rows = _rows_of_page(document)
        for row in [document] if rows is None else rows:
            yield line, row


def _rows_of_page(document: bytes) -> list[bytes] | None:
    """The rows of a page; None when the document is none."""
    try:
        return [bytes(row) for row in _decode_page(document).fills]
    except (ValueError, RecursionError):
        return None
