"""What each path of the service takes and answers, for `/openapi.json`. A path that is served has its line here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from openpositions.server.routes.health_routes import HealthAnswer, ReadyAnswer
from openpositions.server.routes.key_routes import KeyRequest, KeysAnswer, MadeKey, RevokedKey
from openpositions.server.sandbox.fault_routes import FaultsAnswer
from openpositions.server.tickets import Ticket
from openpositions.wire.api.openapi import JSON, Endpoint, Operation, Parameter
from openpositions.wire.ingest.bodies import EventsAnswer
from openpositions.wire.ingest.field_types import Id, Subaccount
from openpositions.wire.ingest.messages import Frame
from openpositions.wire.paths import REST_PATH, SOCKET_PATH
from openpositions.wire.rest.balance import BalanceAnswer
from openpositions.wire.rest.entries_page import EntriesAnswer
from openpositions.wire.rest.fill_page import FillsAnswer
from openpositions.wire.rest.history_page import HistoryAnswer
from openpositions.wire.rest.parameters import MAX_LIMIT, MAX_TS
from openpositions.wire.rest.position_page import PositionsAnswer
from openpositions.wire.rest.series_body import SeriesAnswer
from openpositions.wire.rest.settlement_page import SettlementsAnswer
from openpositions.wire.rest.venue import LimitsAnswer, StatusAnswer
from openpositions.wire.rest.venue_queries import COUNT_FILTERS
from openpositions.wire.rest.whole_row import RowAnswer
from openpositions.wire.sandbox.faults import Fault

_Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
_Seconds = Annotated[int, Meta(ge=0, le=MAX_TS)]
_Sequence = Annotated[int, Meta(ge=0)]

_PAGE = (
    Parameter("cursor", str, "Where to go on: the `cursor` of the page before."),
    Parameter("limit", _Limit, "How long a page may be; 100 unless given."),
)
_TICKER = Parameter("ticker", Id, "Only this market.")
_EVENT = Parameter("event_ticker", Id, "Only markets of this event.")
_ONE_SUBACCOUNT = Parameter("subaccount", Subaccount, "0 unless given, or what the key is locked to.")
_SUBACCOUNT = Parameter("subaccount", Subaccount, "Only this one; all that the key sees unless given.")
_SINCE_TS = Parameter("min_ts", _Seconds, "From this time on, in Unix seconds.")
_UNTIL_TS = Parameter("max_ts", _Seconds, "Up to this time, in Unix seconds.")
_SEQUENCE = Parameter("sequence", _Sequence, "As of this entry of the journal; the last unless given.")
_TIME = "Unix milliseconds, or RFC 3339 with a zone."

OPERATIONS: dict[Endpoint, Operation] = {
    Endpoint("GET", "/healthz"): Operation("Whether the process lives", HealthAnswer),
    Endpoint("GET", "/readyz"): Operation("Whether it takes events; 503 when not, or a part has failed", ReadyAnswer),
    Endpoint("GET", "/metrics"): Operation("How it is doing, for Prometheus", str),
    Endpoint("GET", "/openapi.json"): Operation("This document", dict[str, Any]),
    Endpoint("GET", "/asyncapi.json"): Operation("The same for the socket", dict[str, Any]),
    Endpoint("GET", f"{REST_PATH}/exchange/status"): Operation("Whether the venue is open", StatusAnswer),
    Endpoint("GET", f"{REST_PATH}/account/limits"): Operation("How fast a user may ask", LimitsAnswer, "read"),
    Endpoint("GET", f"{REST_PATH}/portfolio/positions"): Operation(
        "Positions in markets that are not settled, and in their events",
        PositionsAnswer,
        "read",
        (
            *_PAGE,
            _TICKER,
            _EVENT,
            _ONE_SUBACCOUNT,
            Parameter("count_filter", str, f"Only rows where one is not 0: {', '.join(COUNT_FILTERS)}, or both."),
        ),
    ),
    Endpoint("GET", f"{REST_PATH}/portfolio/fills"): Operation(
        "Fills, newest first",
        FillsAnswer,
        "read",
        (*_PAGE, _TICKER, Parameter("order_id", Id, "Only of this order."), _SINCE_TS, _UNTIL_TS, _SUBACCOUNT),
    ),
    Endpoint("GET", f"{REST_PATH}/portfolio/settlements"): Operation(
        "Rows of settled markets, newest settlement first",
        SettlementsAnswer,
        "read",
        (*_PAGE, _TICKER, _EVENT, _SINCE_TS, _UNTIL_TS, _SUBACCOUNT),
    ),
    Endpoint("GET", f"{REST_PATH}/portfolio/balance"): Operation(
        "Cash, and the value of what is open", BalanceAnswer, "read", (_SUBACCOUNT,)
    ),
    Endpoint("GET", SOCKET_PATH): Operation(
        "The socket",
        None,
        "read",
        (
            Parameter("wire", Literal["2025", "2026", "both"], "The dialect; the server's unless given."),
            Parameter("ticket", str, "A ticket, instead of the three headers."),
        ),
    ),
    Endpoint("GET", "/v1/positions/history"): Operation(
        "Rows as they were",
        HistoryAnswer,
        "read",
        (
            *_PAGE,
            _TICKER,
            _SUBACCOUNT,
            _SEQUENCE,
            Parameter("as_of", str, f"As of an event time: {_TIME}"),
            Parameter("open", Literal["true", "false"], "Only rows that were not flat; `false` unless given."),
        ),
    ),
    Endpoint("GET", "/v1/entries"): Operation(
        "The fills and adjustments that rows are made of, oldest first",
        EntriesAnswer,
        "read",
        (*_PAGE, _TICKER, _SUBACCOUNT, _SEQUENCE),
    ),
    Endpoint("GET", "/v1/pnl/history"): Operation(
        "Profit and loss over time",
        SeriesAnswer,
        "read",
        (
            _TICKER,
            _SUBACCOUNT,
            Parameter("every", str, "A length of time such as `15m`; `1h` unless given."),
            Parameter("since", str, f"Only points from then on: {_TIME}"),
            Parameter("until", str, f"Only points before then: {_TIME}"),
        ),
    ),
    Endpoint("GET", "/v1/rows"): Operation(
        "One row, whole",
        RowAnswer,
        "admin",
        (
            Parameter("user_id", Id, "Whose.", required=True),
            Parameter("market_ticker", Id, "In which market.", required=True),
            _ONE_SUBACCOUNT,
        ),
    ),
    Endpoint("POST", "/v1/events"): Operation(
        "Takes events: one a line, or in an array",
        EventsAnswer,
        "ingest",
        (Parameter("atomic", Literal["true", "false"], "Take all or none; `false` unless given."),),
        {"application/x-ndjson": Frame, JSON: list[Frame]},
    ),
    Endpoint("POST", "/v1/tickets"): Operation("A ticket that opens one socket, within 30 s", Ticket, "read"),
    Endpoint("GET", "/v1/keys"): Operation("Keys, in the order they were made", KeysAnswer, "admin", _PAGE),
    Endpoint("POST", "/v1/keys"): Operation("Makes a key", MadeKey, "admin", (), {JSON: KeyRequest}),
    Endpoint("DELETE", "/v1/keys/{key_id}"): Operation(
        "Revokes a key", RevokedKey, "admin", (Parameter("key_id", str, "Which.", required=True),)
    ),
    Endpoint("GET", "/v1/faults"): Operation("The faults of a sandbox still to be met", FaultsAnswer, "admin"),
    Endpoint("POST", "/v1/faults"): Operation("Makes faults", FaultsAnswer, "admin", (), {JSON: Fault | list[Fault]}),
    Endpoint("DELETE", "/v1/faults"): Operation("Ends all faults", FaultsAnswer, "admin"),
}
