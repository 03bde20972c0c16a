"""Bodies of the read of fills (protocol, 4)."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from openpositions.core.events import Entry, Fill
from openpositions.wire.rest.fill_page import FILLS_A_REQUEST, FillsPage
from openpositions.wire.rest.venue_queries import FillsQuery, parse_fills_query
from tests.events import bought_no, bought_yes

FEE_FILL = Fill("t1", "alice", 3, "FED-23DEC-T3.00", True, 5_650, 10_50, 170000, 1_701_388_800_123, True, "o1", "c1")  # noqa: FBT003


def body_of(query: FillsQuery, entries: list[Entry], a_read: int = 1_000) -> bytes:
    """The body of a page over these entries, oldest first, from reads that never give more than `a_read`."""
    page = FillsPage("alice", query)
    while limit := page.read_limit:
        older = [entry for entry in reversed(entries) if page.before is None or entry.sequence < page.before]
        page.take(older[: min(limit, a_read)])
    return page.body()


def decoded(
    entries: list[Entry], parameters: Mapping[str, str], *, a_read: int = 1_000, subaccount: int | None = None
) -> Any:  # noqa: ANN401 - JSON
    """A page as a client reads it."""
    return msgspec.json.decode(body_of(parse_fills_query(parameters, subaccount), entries, a_read))


def ids(entries: list[Entry], *, subaccount: int | None = None, **parameters: str) -> list[str]:
    """The trade ids on a page."""
    return [fill["trade_id"] for fill in decoded(entries, parameters, subaccount=subaccount)["fills"]]


def pages(
    entries: list[Entry], between: Callable[[], None] = lambda: None, *, a_read: int = 1_000, **parameters: str
) -> list[list[str]]:
    """The trade ids of all pages, one after the other; `between` is called between two."""
    page = decoded(entries, parameters, a_read=a_read)
    found = [[fill["trade_id"] for fill in page["fills"]]]
    while page["cursor"]:
        between()
        page = decoded(entries, {**parameters, "cursor": page["cursor"]}, a_read=a_read)
        found.append([fill["trade_id"] for fill in page["fills"]])
    return found


def journal(*fills: Fill) -> list[Entry]:
    """Entries with every second sequence: other users' entries are between them."""
    return [Entry(2 * number, fill) for number, fill in enumerate(fills, 1)]


def test_body_of_fills() -> None:
    """Every field, with integer twins in cents, as the bytes of the answer."""
    assert body_of(FillsQuery(None), journal(FEE_FILL)) == (
        b'{"cursor":"","fills":[{"action":"buy","book_side":"bid","count":10,"count_fp":"10.50",'
        b'"created_time":"2023-12-01T00:00:00.123000Z","exchange_index":0,"fee_cost":"0.170000","fill_id":"t1",'
        b'"is_taker":true,"market_ticker":"FED-23DEC-T3.00","no_price":44,"no_price_dollars":"0.4350",'
        b'"no_price_fixed":"0.4350","order_id":"o1","outcome_side":"yes","price":0.5650,"side":"yes",'
        b'"subaccount_number":3,"ticker":"FED-23DEC-T3.00","trade_id":"t1","ts":1701388800,"yes_price":56,'
        b'"yes_price_dollars":"0.5650","yes_price_fixed":"0.5650"}]}'
    )


def test_fill_of_the_no_side() -> None:
    """Bought like any other: `side` is the side acquired, `price` the YES price as ever. A fee not stated is 0."""
    (fill,) = decoded(journal(bought_no("t1", 10_00, 6000, fee=None)), {})["fills"]

    assert (fill["action"], fill["side"], fill["outcome_side"], fill["book_side"]) == ("buy", "no", "no", "ask")
    assert (fill["price"], fill["yes_price"], fill["no_price"]) == (0.4, 40, 60)
    assert (fill["fee_cost"], fill["order_id"]) == ("0.000000", "")


def test_no_fills() -> None:
    """An empty page, not an error."""
    assert body_of(FillsQuery(None), []) == b'{"cursor":"","fills":[]}'


def test_filters() -> None:
    """By ticker, order, subaccount, and by whole seconds, ends included."""
    entries = journal(
        bought_yes("t1", ticker="A", ts_ms=1_000),
        bought_yes("t2", ticker="B", ts_ms=2_999, subaccount=1),
        FEE_FILL,
        bought_yes("t4", ticker="A", ts_ms=3_000),
    )

    assert ids(entries) == ["t4", "t1", "t2", "t1"]
    assert ids(entries, ticker="A") == ["t4", "t1"]
    assert ids(entries, order_id="o1") == ["t1"]
    assert ids(entries, subaccount=1) == ["t2"]
    assert ids(entries, min_ts="2", max_ts="3") == ["t4", "t2"]
    assert ids(entries, max_ts="2") == ["t2", "t1"]


def test_fills_of_others_are_left_out() -> None:
    """An index goes by hashes, and two users may share one."""
    assert ids(journal(bought_yes("t1", user="mallory"), bought_yes("t2"))) == ["t2"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("a_read", [1, 2, 1_000])
@pytest.mark.parametrize("min_ts", ["", "0"])
def test_pages_list_every_fill_once(limit: int, a_read: int, min_ts: str) -> None:
    """Newest first, however few fills a read gives, or many where a filter makes the reads long."""
    entries = journal(*(bought_yes(f"t{number}") for number in range(4)))

    read = pages(entries, a_read=a_read, limit=str(limit), min_ts=min_ts)

    assert [trade_id for page in read for trade_id in page] == ["t3", "t2", "t1", "t0"]
    assert len(read) == -(-4 // limit)


def test_nothing_is_skipped_or_doubled_while_fills_come_and_fall() -> None:
    """Between two pages a fill arrives, and the one that the cursor names is busted."""
    entries = journal(*(bought_yes(f"t{number}") for number in range(5)))

    def change() -> None:
        entries[:] = [entry for entry in entries if entry.event != bought_yes("t3")]
        entries.append(Entry(entries[-1].sequence + 2, bought_yes("new")))

    assert pages(entries, change, limit="2") == [["t4", "t3"], ["t2", "t1"], ["t0"]]


def test_search_for_one_order_is_cut_into_bounded_requests() -> None:
    """A request over a long history may find nothing and still say where to go on; the next finds the fill."""
    entries = journal(FEE_FILL, *(bought_yes(f"t{number}") for number in range(FILLS_A_REQUEST)))

    assert pages(entries, order_id="o1") == [[], ["t1"]]
