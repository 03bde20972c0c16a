"""Rows of a user as they were, page by page, and read back."""

import msgspec

from openpositions.core.history import Moment
from openpositions.core.market import Market, undeclared_market
from openpositions.core.position import Position, empty_row
from openpositions.wire.rest.history_page import HistoryAnswer, HistoryPage
from openpositions.wire.rest.history_query import HistoryCursor, HistoryQuery
from openpositions.wire.rest.parameters import parse_cursor

SETTLED = Market("B", "B", result="scalar", value_bp=3_705, settled_ts_ms=8, settled_sequence=7)
EVERY_FIELD = Position("alice", 3, "B", -1_23, 456789, -7, 8, 9, 10, 11, 12, 13, 14, 7, 16, 17)


def page_of(query: HistoryQuery, *rows: Position) -> HistoryAnswer:
    """The answer about rows that are still what they were."""
    page = HistoryPage("alice", query, lambda ticker: SETTLED if ticker == "B" else undeclared_market(ticker))
    page.take(rows)
    return msgspec.json.decode(page.body({row.key: row for row in page.rows()}), type=HistoryAnswer)


def row_in(ticker: str, subaccount: int = 0) -> Position:
    """A row that entry 1 changed."""
    return empty_row(("alice", subaccount, ticker))._replace(sequence=1)


def names(answer: HistoryAnswer) -> list[tuple[str, int]]:
    """Of the rows of a page."""
    return [(row.market_ticker, row.subaccount) for row in answer.market_positions]


def test_row_and_market_are_read_back_to_the_last_field() -> None:
    """So that later rows can be made by adding what followed."""
    (read,) = page_of(HistoryQuery(None, Moment(9)), EVERY_FIELD).market_positions

    assert read.position("alice") == EVERY_FIELD
    assert read.market() == SETTLED


def test_market_that_was_not_settled_yet_is_open() -> None:
    """As of entry 6, although it is settled now."""
    (read,) = page_of(HistoryQuery(None, Moment(6)), EVERY_FIELD).market_positions

    assert (read.market_result, read.settlement_value_dollars, read.settled_sequence) == (None, None, None)


def test_pages_go_on_by_ticker_and_subaccount() -> None:
    """In whatever order rows come; the last page has no cursor."""
    rows = [row_in("C"), row_in("A", 1), row_in("B"), row_in("A")]
    query = HistoryQuery(None, Moment(9), limit=3)
    first = page_of(query, *rows)
    cursor = parse_cursor({"cursor": first.cursor}, HistoryCursor)
    assert cursor == HistoryCursor("B", 0, 9)
    second = page_of(query._replace(after=(cursor.ticker, cursor.subaccount)), *rows)

    assert (names(first), names(second), second.cursor) == ([("A", 0), ("A", 1), ("B", 0)], [("C", 0)], "")


def test_filters_leave_rows_out() -> None:
    """By ticker, and by subaccount, of which 0 is one."""
    rows = [row_in("A"), row_in("A", 1), row_in("B")]

    assert names(page_of(HistoryQuery(0, Moment(9)), *rows)) == [("A", 0), ("B", 0)]
    assert names(page_of(HistoryQuery(None, Moment(9), ticker="A"), *rows)) == [("A", 0), ("A", 1)]


def test_row_that_was_not_there_yet_is_left_out() -> None:
    """The page may be empty and yet go on."""
    page = HistoryPage("alice", HistoryQuery(None, Moment(0), limit=1), undeclared_market)
    page.take([row_in("A"), row_in("B")])
    answer = msgspec.json.decode(page.body({}), type=HistoryAnswer)

    assert (answer.market_positions, answer.cursor != "") == ([], True)
