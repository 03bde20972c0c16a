"""Lines of events as they are fed in, and what one line of them gives."""

import json

from openpositions.core.events import Event
from openpositions.wire.ingest.bodies import Rejection
from openpositions.wire.ingest.events import parse_body

ARRIVAL_TS_MS = 1_700_000_000_000


def line(kind: str, **message: object) -> bytes:
    """A frame of a kind with these fields."""
    return json.dumps({"type": kind, "msg": message}).encode()


def fill_line(*without: str, **stated: object) -> bytes:
    """A fill of 10 YES at 0.56 with a fee of 0.17, less some fields and with others."""
    message: dict[str, object] = {
        "trade_id": "t1",
        "user_id": "alice",
        "market_ticker": "FED-23DEC-T3.00",
        "outcome_side": "yes",
        "yes_price_dollars": "0.5600",
        "count_fp": "10.00",
        "fee_cost": "0.1700",
        "ts_ms": 1_701_388_800_000,
    }
    return line("fill", **{name: value for name, value in message.items() if name not in without}, **stated)


def event_of(document: bytes) -> Event:
    """The event that a good line gives."""
    parsed = parse_body(document, ARRIVAL_TS_MS)
    assert parsed.rejected == []
    (event,) = parsed.events
    return event


def refusal_of(document: bytes) -> Rejection:
    """Why a bad line gives none."""
    parsed = parse_body(document, ARRIVAL_TS_MS)
    assert parsed.events == []
    (rejection,) = parsed.rejected
    return rejection
