"""Bodies of the read of settlements (protocol, 4)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from openpositions.wire.rest.settlement_page import SettlementsPage
from openpositions.wire.rest.venue_queries import SettlementsQuery, parse_settlements_query
from tests.events import adjusted, bought_no, bought_yes, busted, declared, settled
from tests.journaled_book import JournaledBook, book_after


def settlements(journaled: JournaledBook, query: SettlementsQuery) -> bytes:
    """The body of one page of alice's, its rows taken one by one."""
    page = SettlementsPage(query, journaled.book.market, journaled.book.sequence)
    for row in journaled.book.rows_of("alice"):
        page.take([row])
    return page.body()


def decoded(journaled: JournaledBook, *, subaccount: int | None = None, **parameters: str) -> dict[str, Any]:
    """A page of alice's, as a client reads it."""
    query = parse_settlements_query(parameters, subaccount)
    page: dict[str, Any] = msgspec.json.decode(settlements(journaled, query))
    return page


def tickers(journaled: JournaledBook, *, subaccount: int | None = None, **parameters: str) -> list[str]:
    """The tickers on a page."""
    return [row["ticker"] for row in decoded(journaled, subaccount=subaccount, **parameters)["settlements"]]


def pages(
    journaled: JournaledBook, limit: int, between: Callable[[int], None] = lambda _: None
) -> list[list[dict[str, Any]]]:
    """The rows of all pages, one after the other; `between` is called with the number of pages read so far."""
    page = decoded(journaled, limit=str(limit))
    found = [page["settlements"]]
    while cursor := page["cursor"]:
        between(len(found))
        page = decoded(journaled, limit=str(limit), cursor=cursor)
        found.append(page["settlements"])
    return found


def test_body_of_settlements() -> None:
    """A production row: all 132 YES were closed before the market settled, so the settlement itself paid nothing."""
    journaled = book_after(
        bought_yes("t1", 132_00, 3600, fee=2_128900),
        bought_no("t2", 132_00, 800, fee=680100),
        declared("WEATHER"),
        settled("yes", ts_ms=1_703_200_000_000),
    )

    assert settlements(journaled, SettlementsQuery(None)) == (
        b'{"cursor":"","settlements":[{"event_ticker":"WEATHER","exchange_index":0,"fee_cost":"2.809000",'
        b'"market_result":"yes","no_count":132,"no_count_fp":"132.00","no_total_cost":1056,'
        b'"no_total_cost_dollars":"10.560000","revenue":0,"settled_time":"2023-12-21T23:06:40.000000Z","ticker":"RAIN",'
        b'"value":100,"yes_count":132,"yes_count_fp":"132.00","yes_total_cost":4752,'
        b'"yes_total_cost_dollars":"47.520000"}]}'
    )


@pytest.mark.parametrize(
    ("result", "value_bp", "value", "revenue"),
    [("yes", None, 100, 600), ("no", None, 0, 0), ("scalar", 2_550, 26, 153)],
)
def test_revenue_is_what_the_settlement_paid(result: str, value_bp: int | None, value: int, revenue: int) -> None:
    """Of 10 YES, 4 were closed before; the other 6 are paid the value."""
    journaled = book_after(bought_yes("t1", 10_00), bought_no("t2", 4_00), settled(result, value_bp))

    (row,) = decoded(journaled)["settlements"]

    assert (row["market_result"], row["value"], row["revenue"]) == (result, value, revenue)


def test_void_market_has_no_value_and_pays_cost() -> None:
    """A null would break a public client, so the key is left out."""
    journaled = book_after(bought_yes("t1", 10_00, 4000), settled("void"))

    (row,) = decoded(journaled)["settlements"]

    assert (row["market_result"], row["revenue"], "value" in row) == ("void", 400, False)


@pytest.mark.parametrize(("result", "value"), [("yes", None), ("no", None), ("scalar", 4200), ("void", None)])
def test_realized_pnl_follows_from_the_row(result: str, value: int | None) -> None:
    """1 dollar per closed pair + revenue - both costs = realized P&L, here with a row that crossed zero."""
    journaled = book_after(bought_yes("t1", 10_00, 3000), bought_no("t2", 14_00, 5500), settled(result, value))

    (row,) = decoded(journaled)["settlements"]

    closed_pairs = 10_00
    realized_cents = closed_pairs + row["revenue"] - row["yes_total_cost"] - row["no_total_cost"]
    assert realized_cents * 10_000 == journaled.row().realized_pnl


def test_fill_after_the_settlement_is_in_its_row() -> None:
    """It was settled as it arrived, at the recorded value."""
    journaled = book_after(settled("yes"), bought_yes("t1", 10_00, 4000))

    (row,) = decoded(journaled)["settlements"]

    assert (row["yes_count_fp"], row["revenue"]) == ("10.00", 1000)


def test_rows_with_a_trace_of_anything_are_listed() -> None:
    """Flat at the settlement, or held by an adjustment that traded nothing; but not when a bust left nothing."""
    journaled = book_after(
        bought_yes("t1", ticker="FLAT"),
        bought_no("t2", ticker="FLAT"),
        settled("yes", ticker="FLAT"),
        adjusted("a1", position=1_00, cost=400000, ticker="MOVED"),
        settled("no", ticker="MOVED"),
        bought_yes("t3", ticker="BUSTED"),
        busted("b1", "t3"),
        settled("yes", ticker="BUSTED"),
        bought_yes("t4", ticker="OPEN"),
    )

    assert tickers(journaled) == ["MOVED", "FLAT"]


def test_market_settled_while_the_rows_are_gone_over_is_not_yet_listed() -> None:
    """A page is as of one sequence, however long it takes: nobody sees half of a settlement."""
    journaled = book_after(bought_yes("t1"))
    page = SettlementsPage(SettlementsQuery(None), journaled.book.market, journaled.book.sequence)
    rows = list(journaled.book.rows_of("alice"))
    journaled.feed(settled("yes"))
    page.take(rows)

    assert page.body() == b'{"cursor":"","settlements":[]}'


def test_filters() -> None:
    """By ticker, by event, by subaccount, and by whole seconds of the settlement, ends included."""
    journaled = book_after(
        bought_yes("t1", ticker="E-A"),
        bought_yes("t2", ticker="E-B", subaccount=1),
        bought_yes("t3", ticker="F-A"),
        settled("yes", ticker="E-A", ts_ms=1_000),
        settled("yes", ticker="E-B", ts_ms=2_999),
        settled("yes", ticker="F-A", ts_ms=3_000),
    )

    assert tickers(journaled, ticker="E-B") == ["E-B"]
    assert tickers(journaled, event_ticker="E") == ["E-B", "E-A"]
    assert tickers(journaled, subaccount=0) == ["F-A", "E-A"]
    assert tickers(journaled, min_ts="2") == ["F-A", "E-B"]
    assert tickers(journaled, max_ts="2") == ["E-B", "E-A"]
    assert tickers(journaled, min_ts="2", max_ts="2") == ["E-B"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_list_the_newest_settlement_first(limit: int) -> None:
    """By sequence, not by the time that was stated; the subaccounts of one market one after the other."""
    journaled = book_after(
        bought_yes("t1", ticker="A", ts_ms=9),
        bought_yes("t2", 2_00, ticker="B", subaccount=2),
        bought_yes("t3", 1_00, ticker="B", subaccount=1),
        settled("yes", ticker="A", ts_ms=9_000),
        settled("yes", ticker="B", ts_ms=1_000),
    )

    listed = [(row["ticker"], row["yes_count"]) for page in pages(journaled, limit) for row in page]

    assert listed == [("B", 1), ("B", 2), ("A", 10)]


def test_nothing_is_skipped_or_doubled_while_markets_settle() -> None:
    """Between two pages a market settles, and a row that was listed changes by a late fill."""
    journaled = book_after(
        *(bought_yes(f"t{n}", ticker=f"M{n}") for n in range(5)), *(settled("yes", ticker=f"M{n}") for n in range(4))
    )

    def change(_: int) -> None:
        journaled.feed(settled("no", ticker="M4"), bought_yes("late", ticker="M3"))

    listed = [row["ticker"] for page in pages(journaled, 1, change) for row in page]

    assert listed == ["M3", "M2", "M1", "M0"]
