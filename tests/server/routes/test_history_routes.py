"""The reads of the past over HTTP, on an engine that real events went through."""

from pathlib import Path

import msgspec
import pytest

from openpositions.core.events import Event
from openpositions.engine.past import Past
from openpositions.server.auth import Caller
from openpositions.server.routes.history_routes import HistorySources, routes
from openpositions.wire.rest.entries_page import EntriesAnswer
from tests.engine.running import running
from tests.events import adjusted, bought_no, bought_yes, busted, settled
from tests.server.conftest import serving
from tests.server.past import READ, json_of, reading

HISTORY, ENTRIES = "/v1/positions/history", "/v1/entries"


async def test_row_as_of_a_sequence(tmp_path: Path) -> None:
    """Everything that is known of it, in exact texts; the settlement that came later is not."""
    events = (bought_yes("t1", fee=170_000, ts_ms=1_000), bought_yes("t1", user="bob"), settled("yes", ts_ms=2_000))
    async with reading(tmp_path, *events) as client:
        answer = await json_of(client, HISTORY, ticker="RAIN", sequence=1)

    assert answer == {
        "user_id": "alice",
        "sequence": 1,
        "as_of_ms": None,
        "cursor": "",
        "market_positions": [
            {
                "market_ticker": "RAIN",
                "event_ticker": "RAIN",
                "subaccount": 0,
                "position_fp": "10.00",
                "position_cost_dollars": "4.000000",
                "realized_pnl_dollars": "0.000000",
                "fees_paid_dollars": "0.170000",
                "position_fee_cost_dollars": "0.170000",
                "volume_fp": "10.00",
                "total_traded_dollars": "4.000000",
                "yes_volume_fp": "10.00",
                "yes_traded_dollars": "4.000000",
                "no_volume_fp": "0.00",
                "no_traded_dollars": "0.000000",
                "received_dollars": "0.000000",
                "payout_dollars": "0.000000",
                "market_result": None,
                "settlement_value_dollars": None,
                "settled_ts_ms": None,
                "settled_sequence": None,
                "sequence": 1,
                "ts_ms": 1_000,
                "last_updated_ts": "1970-01-01T00:00:01.000000Z",
            }
        ],
    }


async def test_settled_row_as_of_now(tmp_path: Path) -> None:
    """Without a moment the rows are those of now, settled and flat ones included."""
    async with reading(tmp_path, bought_no("t1", 10_00, 6000), settled("scalar", 2500, ts_ms=9)) as client:
        (row,) = (await json_of(client, HISTORY))["market_positions"]

    assert (row["position_fp"], row["realized_pnl_dollars"], row["payout_dollars"]) == ("0.00", "1.500000", "7.500000")
    assert [
        row[name] for name in ("market_result", "settlement_value_dollars", "settled_ts_ms", "settled_sequence")
    ] == [
        "scalar",
        "0.2500",
        9,
        2,
    ]


@pytest.mark.parametrize(
    ("as_of", "position"),
    [("1000", "10.00"), ("2999", "15.00"), ("1970-01-01T00:00:03Z", "10.00"), ("1970-01-01T01:00:02.5+01:00", "15.00")],
)
async def test_row_as_of_a_time(tmp_path: Path, as_of: str, position: str) -> None:
    """In milliseconds or as RFC 3339; a bust counts from its own time."""
    events = (bought_yes("t1", ts_ms=1_000), bought_yes("t2", 5_00, ts_ms=2_000), busted("b1", "t2", ts_ms=3_000))
    async with reading(tmp_path, *events) as client:
        answer = await json_of(client, HISTORY, as_of=as_of)

    assert [row["position_fp"] for row in answer["market_positions"]] == [position]
    assert answer["as_of_ms"] is not None


@pytest.mark.parametrize(
    ("parameters", "seen"), [({}, ["B"]), ({"sequence": "3"}, ["A"]), ({"as_of": "4"}, ["A", "B"])]
)
async def test_open_rows_only(tmp_path: Path, parameters: dict[str, str], seen: list[str]) -> None:
    """A was held until its settlement, B from then on, C until it was sold."""
    events = (
        bought_yes("t1", ticker="C", ts_ms=1),
        bought_yes("t2", ticker="A", ts_ms=2),
        bought_no("t3", ticker="C", ts_ms=2),
        settled("yes", ticker="A", ts_ms=5),
        bought_yes("t4", ticker="B", ts_ms=4),
    )
    async with reading(tmp_path, *events) as client:
        answer = await json_of(client, HISTORY, open="true", **parameters)

    assert [row["market_ticker"] for row in answer["market_positions"]] == seen
    assert answer["cursor"] == ""


async def test_all_tickers_page_by_page(tmp_path: Path) -> None:
    """In order of ticker and subaccount, each row once, all as of one moment; one that was not there is left out."""
    events = [
        bought_yes(f"{ticker}{number}", ticker=ticker, subaccount=number) for ticker in "CAB" for number in (1, 0)
    ]
    async with reading(tmp_path, *events, bought_yes("late", ticker="AA")) as client:
        listed: list[tuple[str, int]] = []
        cursor, pages = "", 0
        while pages == 0 or cursor:
            page = await json_of(client, HISTORY, sequence=6, limit=2, cursor=cursor)
            listed += [(row["market_ticker"], row["subaccount"]) for row in page["market_positions"]]
            cursor, pages = page["cursor"], pages + 1

    assert listed == [("A", 0), ("A", 1), ("B", 0), ("B", 1), ("C", 0), ("C", 1)]
    assert pages == 4


async def test_next_page_is_as_of_the_same_journal(tmp_path: Path) -> None:
    """What came in between is not on it."""
    async with running(tmp_path) as engine:
        await engine.submit(bought_yes("t1", ticker="A"), bought_yes("t2", ticker="B"))
        sources = HistorySources(engine.book, Past(engine.book, engine.archive), engine.archive)
        async with serving(routes(sources), Caller("k1", "alice", READ, None)) as client:
            first = await json_of(client, HISTORY, limit=1)
            await engine.submit(bought_yes("t3", ticker="B"), bought_yes("t4", ticker="C"))
            second = await json_of(client, HISTORY, limit=1, cursor=first["cursor"])
            third = await json_of(client, HISTORY, limit=1, cursor=second["cursor"])

    assert [row["position_fp"] for row in second["market_positions"]] == ["10.00"]
    assert third["market_positions"] == []
    assert (first["sequence"], second["sequence"], third["sequence"], third["cursor"]) == (2, 2, 2, "")


@pytest.mark.parametrize(
    ("locked", "asked", "seen"), [(None, {}, [0, 2]), (None, {"subaccount": 2}, [2]), (2, {}, [2])]
)
async def test_subaccounts(tmp_path: Path, locked: int | None, asked: dict[str, int], seen: list[int]) -> None:
    """All, the one that is asked for, or the one the key is locked to."""
    async with reading(tmp_path, bought_yes("t1"), bought_yes("t2", subaccount=2), subaccount=locked) as client:
        rows = (await json_of(client, HISTORY, **asked))["market_positions"]
        entries = (await json_of(client, ENTRIES, **asked))["entries"]

    assert [row["subaccount"] for row in rows] == [entry["msg"]["subaccount"] for entry in entries] == seen


@pytest.mark.parametrize("path", [HISTORY, ENTRIES])
async def test_key_locked_to_another_subaccount_is_answered_403(tmp_path: Path, path: str) -> None:
    """Whether the subaccount exists or not."""
    async with reading(tmp_path, subaccount=2) as client:
        response = await client.get(path, params={"subaccount": "0"})

    assert response.status == 403


@pytest.mark.parametrize("path", [HISTORY, ENTRIES])
async def test_key_without_the_scope_is_answered_403(tmp_path: Path, path: str) -> None:
    """A key that may only feed events reads nothing."""
    async with reading(tmp_path, scopes=frozenset({"ingest"})) as client:
        response = await client.get(path)

    assert response.status == 403


TIME = 'as_of must be Unix milliseconds from 0 to 253402300799999, or a time with a zone such as "2026-01-31T00:00:00Z"'

SEQUENCE = "sequence must be a sequence that the journal has, an integer from 0 to 1"
CURSOR = "cursor must be one that this read answered with"
OF_HISTORY = "WyJoaXN0b3J5IiwiQSIsMCwxXQ"


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        (HISTORY, {"as_of": "yesterday"}, f"{TIME}, not 'yesterday'"),
        (HISTORY, {"as_of": "2026-01-31T00:00:00"}, f"{TIME}, not '2026-01-31T00:00:00'"),
        (HISTORY, {"as_of": "1969-12-31T23:59:59Z"}, f"{TIME}, not '1969-12-31T23:59:59Z'"),
        (HISTORY, {"as_of": "253402300800000"}, f"{TIME}, not '253402300800000'"),
        (HISTORY, {"sequence": "2"}, f"{SEQUENCE}, not '2'"),
        (HISTORY, {"sequence": "1", "as_of": "1"}, "as_of and sequence are two ways to say when: give one"),
        (HISTORY, {"open": "yes"}, "open must be true or false, not 'yes'"),
        (HISTORY, {"limit": "0"}, "limit must be an integer from 1 to 1000, not '0'"),
        (HISTORY, {"ticker": "a b"}, "ticker must be 1-128 printable ASCII characters without spaces, not 'a b'"),
        (HISTORY, {"cursor": "x"}, f"{CURSOR}, not 'x'"),
        (ENTRIES, {"cursor": OF_HISTORY}, f"{CURSOR}, not '{OF_HISTORY}'"),
        (ENTRIES, {"sequence": "-1"}, f"{SEQUENCE}, not '-1'"),
    ],
)  # fmt: skip
async def test_bad_parameter_is_answered_400(
    tmp_path: Path, path: str, parameters: dict[str, str], message: str
) -> None:
    """It is named, and nothing is guessed."""
    async with reading(tmp_path, bought_yes("t1")) as client:
        response = await client.get(path, params=parameters)
        answer = await response.json()

    assert (response.status, answer) == (400, {"error": {"code": "invalid_parameter", "message": message}})


async def test_entries_in_the_form_in_which_they_are_fed(tmp_path: Path) -> None:
    """With their sequences, and with the bust that reversed one."""
    events = (
        bought_no("t1", 7, 6000, fee=None, ts_ms=5),
        adjusted("a1", position=7, cost=-42_000, reason="moved", ts_ms=6),
        bought_yes("t2", fee=-1),
        busted("b1", "t2", ts_ms=8),
    )
    async with reading(tmp_path, *events) as client:
        answer = await json_of(client, ENTRIES)

    of_alice = {"user_id": "alice", "subaccount": 0, "market_ticker": "RAIN"}
    assert answer["entries"][:2] == [
        {
            "sequence": 1,
            "type": "fill",
            "msg": {
                "trade_id": "t1",
                **of_alice,
                "outcome_side": "no",
                "yes_price_dollars": "0.4000",
                "count_fp": "0.07",
                "is_taker": False,
                "order_id": "",
                "client_order_id": "",
                "ts_ms": 5,
            },
        },
        {
            "sequence": 2,
            "type": "adjustment",
            "msg": {
                "adjustment_id": "a1",
                **of_alice,
                "position_fp": "0.07",
                "cost_dollars": "-0.042000",
                "realized_pnl_dollars": "0.000000",
                "fees_paid_dollars": "0.000000",
                "cash_dollars": "0.000000",
                "reason": "moved",
                "ts_ms": 6,
            },
        },
    ]
    assert answer["entries"][2]["msg"]["fee_cost"] == "-0.000001"
    assert answer["entries"][2]["busted"] == {"sequence": 4, "bust_id": "b1", "trade_id": "t2", "ts_ms": 8}
    assert (answer["sequence"], answer["cursor"]) == (4, "")


async def test_entries_page_by_page_can_be_read_back(tmp_path: Path) -> None:
    """As the events that they were, each once."""
    events = (bought_yes("t1", fee=3), adjusted("a1", fees=2), bought_no("t2", fee=None), bought_yes("t3", user="bob"))
    async with reading(tmp_path, *events) as client:
        read: list[Event] = []
        cursor, pages = "", 0
        while pages == 0 or cursor:
            response = await client.get(ENTRIES, params={"limit": "2", "cursor": cursor})
            page = msgspec.json.decode(await response.read(), type=EntriesAnswer)
            read += [item.entry.event for item in page.history_entries()]
            cursor, pages = page.cursor, pages + 1

    assert (read, pages) == (list(events[:3]), 2)
