"""Bodies of the read of positions (protocol, 4)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from openpositions.wire.rest.position_page import PositionsPage
from openpositions.wire.rest.venue_queries import PositionsQuery, parse_positions_query
from tests.events import adjusted, bought_no, bought_yes, busted, declared, settled
from tests.journaled_book import JournaledBook, book_after

FED = "FED-23DEC-T3.00"


def positions(journaled: JournaledBook, query: PositionsQuery, user: str = "alice") -> bytes:
    """The body of one page, its rows taken one by one."""
    book = journaled.book
    page = PositionsPage(query, book.markets, book.sequence)
    rows = list(book.rows_of(user))
    for row in rows:
        page.take([row])
    for row in rows:
        page.add_up([row])
    return page.body()


def decoded(journaled: JournaledBook, *, subaccount: int = 0, **parameters: str) -> dict[str, Any]:
    """A page of alice's, as a client reads it."""
    query = parse_positions_query(parameters, subaccount)
    page: dict[str, Any] = msgspec.json.decode(positions(journaled, query))
    return page


def tickers(journaled: JournaledBook, *, subaccount: int = 0, **parameters: str) -> list[str]:
    """The tickers on a page."""
    return [row["ticker"] for row in decoded(journaled, subaccount=subaccount, **parameters)["market_positions"]]


def pages(
    journaled: JournaledBook, limit: int, between: Callable[[int], None] = lambda _: None
) -> list[dict[str, Any]]:
    """All pages, one after the other; `between` is called with the number of pages read so far."""
    found = [decoded(journaled, limit=str(limit))]
    while cursor := found[-1]["cursor"]:
        between(len(found))
        found.append(decoded(journaled, limit=str(limit), cursor=cursor))
    return found


def test_body_of_positions() -> None:
    """Every field of a row and of its event, with integer twins in cents, as the bytes of the answer."""
    journaled = book_after(bought_yes("t1", 10_00, 5600, fee=170000, ticker=FED, ts_ms=1_701_388_800_000))

    assert positions(journaled, PositionsQuery(0)) == (
        b'{"cursor":"","event_positions":[{"event_exposure":560,"event_exposure_dollars":"5.600000",'
        b'"event_ticker":"FED-23DEC","fees_paid":17,"fees_paid_dollars":"0.170000","realized_pnl":0,'
        b'"realized_pnl_dollars":"0.000000","total_cost":560,"total_cost_dollars":"5.600000","total_cost_shares":10,'
        b'"total_cost_shares_fp":"10.00"}],"market_positions":[{"exchange_index":0,"fees_paid":17,'
        b'"fees_paid_dollars":"0.170000","last_updated_ts":"2023-12-01T00:00:00.000000Z","market_exposure":560,'
        b'"market_exposure_dollars":"5.600000","position":10,"position_fp":"10.00","realized_pnl":0,'
        b'"realized_pnl_dollars":"0.000000","resting_orders_count":0,"ticker":"FED-23DEC-T3.00","total_traded":560,'
        b'"total_traded_dollars":"5.600000"}]}'
    )


def test_texts_are_exact_and_integers_a_view() -> None:
    """A short position with fractions: whole contracts toward zero, cents half to even, exposure positive."""
    journaled = book_after(bought_no("t1", 1_99, 2_500, fee=5_000))

    (row,) = decoded(journaled)["market_positions"]

    assert (row["position_fp"], row["position"]) == ("-1.99", -1)
    assert (row["market_exposure_dollars"], row["market_exposure"]) == ("0.497500", 50)
    assert (row["fees_paid_dollars"], row["fees_paid"]) == ("0.005000", 0)


def test_nobody_holds_nothing() -> None:
    """A user without rows gets an empty page, not an error."""
    assert positions(book_after(), PositionsQuery(0)) == b'{"cursor":"","event_positions":[],"market_positions":[]}'


def test_flat_rows_are_listed_and_settled_markets_are_not() -> None:
    """What was closed by trading stays until its market settles; then it is among the settlements."""
    journaled = book_after(
        bought_yes("t1", ticker="FLAT"),
        bought_no("t2", ticker="FLAT"),
        bought_yes("t3", ticker="OVER"),
        settled("yes", ticker="OVER"),
        bought_yes("t4", ticker="OPEN"),
    )

    assert tickers(journaled) == ["FLAT", "OPEN"]


def test_market_settled_while_the_rows_are_gone_over_is_listed_as_it_was() -> None:
    """A page is as of one sequence, however long it takes: nobody sees half of a settlement."""
    journaled = book_after(bought_yes("t1"))
    page = PositionsPage(PositionsQuery(0), journaled.book.markets, journaled.book.sequence)
    rows = list(journaled.book.rows_of("alice"))
    journaled.feed(settled("yes"))
    page.take(rows)
    page.add_up(rows)

    (row,) = msgspec.json.decode(page.body())["market_positions"]

    assert (row["position_fp"], row["realized_pnl_dollars"]) == ("10.00", "0.000000")


@pytest.mark.parametrize(
    ("count_filter", "listed"),
    [
        ("", ["BUSTED", "FLAT", "HELD", "MOVED"]),
        ("position", ["HELD", "MOVED"]),
        ("total_traded", ["FLAT", "HELD"]),
        ("position,total_traded", ["FLAT", "HELD", "MOVED"]),
    ],
)
def test_count_filter_keeps_rows_where_any_of_its_fields_is_not_zero(count_filter: str, listed: list[str]) -> None:
    """MOVED was brought in by an adjustment, which trades nothing; of BUSTED nothing is left."""
    journaled = book_after(
        bought_yes("t1", ticker="FLAT"),
        bought_no("t2", ticker="FLAT"),
        bought_yes("t3", ticker="HELD"),
        adjusted("a1", position=1_00, cost=400000, ticker="MOVED"),
        bought_yes("t4", ticker="BUSTED"),
        busted("b1", "t4"),
    )

    assert tickers(journaled, count_filter=count_filter) == listed


def test_filters_by_ticker_and_event() -> None:
    """An event is what the market was declared with, else the ticker without its last part."""
    journaled = book_after(
        bought_yes("t1", ticker="RAIN-MON-A"),
        bought_yes("t2", ticker="RAIN-MON-B"),
        bought_yes("t3", ticker="RAIN-TUE-A"),
        bought_yes("t4", ticker="SNOW"),
        declared("RAIN-MON", ticker="SNOW"),
    )

    assert tickers(journaled, ticker="RAIN-MON-B") == ["RAIN-MON-B"]
    assert tickers(journaled, event_ticker="RAIN-MON") == ["RAIN-MON-A", "RAIN-MON-B", "SNOW"]
    assert tickers(journaled, ticker="RAIN-TUE-A", event_ticker="RAIN-MON") == []


def test_positions_are_of_one_subaccount() -> None:
    """Rows and event sums alike."""
    journaled = book_after(bought_yes("t1", 10_00, subaccount=0), bought_yes("t2", 3_00, subaccount=2))

    page = decoded(journaled, subaccount=2)

    assert [row["position_fp"] for row in page["market_positions"]] == ["3.00"]
    assert [row["total_cost_shares_fp"] for row in page["event_positions"]] == ["3.00"]


def test_event_row_counts_the_whole_event() -> None:
    """Rows of other pages, rows that a filter leaves out, and rows of markets that settled."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, ticker="E-A"),
        bought_yes("t2", 10_00, 3000, ticker="E-B", fee=10000),
        bought_yes("t3", 10_00, 2000, ticker="E-C"),
        settled("yes", ticker="E-C"),
    )

    (event,) = decoded(journaled, limit="1")["event_positions"]

    assert event == {
        "event_exposure": 700,
        "event_exposure_dollars": "7.000000",
        "event_ticker": "E",
        "fees_paid": 1,
        "fees_paid_dollars": "0.010000",
        "realized_pnl": 800,
        "realized_pnl_dollars": "8.000000",
        "total_cost": 900,
        "total_cost_dollars": "9.000000",
        "total_cost_shares": 30,
        "total_cost_shares_fp": "30.00",
    }
    assert decoded(journaled, ticker="E-B")["event_positions"] == [event]


def test_event_without_a_row_within_the_filter_is_left_out() -> None:
    """An event whose markets are all settled, or filtered out, has no row."""
    journaled = book_after(
        bought_yes("t1", ticker="OVER-A"),
        settled("no", ticker="OVER-A"),
        bought_yes("t2", ticker="OPEN-A"),
        bought_yes("t3", ticker="ELSE-A"),
    )

    page = decoded(journaled, ticker="OPEN-A")

    assert [event["event_ticker"] for event in page["event_positions"]] == ["OPEN"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_pages_list_every_row_and_every_event_once(limit: int) -> None:
    """In order of ticker, also where a declared event sorts far from its markets."""
    journaled = book_after(
        *(bought_yes(f"t-{ticker}", ticker=ticker) for ticker in ("B-2", "A-1", "C-1", "B-1", "D")),
        declared("Z-LAST", ticker="A-1"),
        declared("A-FIRST", ticker="D"),
    )

    read = pages(journaled, limit)

    assert [row["ticker"] for page in read for row in page["market_positions"]] == ["A-1", "B-1", "B-2", "C-1", "D"]
    assert [row["event_ticker"] for page in read for row in page["event_positions"]] == ["A-FIRST", "B", "C", "Z-LAST"]
    assert len(read) == -(-5 // limit)


def test_full_last_page_ends_the_reading() -> None:
    """No empty page follows one that was exactly filled."""
    journaled = book_after(bought_yes("t1", ticker="A"), bought_yes("t2", ticker="B"))

    assert decoded(journaled, limit="2")["cursor"] == ""


def test_nothing_is_skipped_or_doubled_while_rows_change() -> None:
    """Between two pages rows change, come before and behind the cursor, and settle, the cursor's own row among them."""
    journaled = book_after(*(bought_yes(f"t{n}", ticker=f"M{n}-X") for n in range(1, 7)))

    def change(pages_read: int) -> None:
        if pages_read == 1:
            journaled.feed(
                bought_yes("u1", ticker="M0-X"),  # comes where the reader has been
                bought_yes("u2", ticker="M2-A"),  # comes in an event that was listed
                bought_yes("u3", ticker="M1-X"),  # becomes the last changed row
                settled("yes", ticker="M2-X"),  # the row that the cursor names
                bought_yes("u4", ticker="M4-A"),  # comes where the reader will be
            )

    read = pages(journaled, 2, change)

    assert [row["ticker"] for page in read for row in page["market_positions"]] == [
        "M1-X", "M2-X", "M3-X", "M4-A", "M4-X", "M5-X", "M6-X",
    ]  # fmt: skip
    assert [row["event_ticker"] for page in read for row in page["event_positions"]] == [
        "M1", "M2", "M3", "M4", "M5", "M6",
    ]  # fmt: skip
