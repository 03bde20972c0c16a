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


def test_pages_are_the_same_however_rows_are_handed_over() -> None:
    """One at a time, in whatever order: the first of all are on the page."""
    rows = [row_in(ticker) for ticker in "EDBFAC"]
    page = HistoryPage("alice", HistoryQuery(None, Moment(9), limit=2), undeclared_market)
    for row in rows:
        page.take([row])

    assert [row.market_ticker for row in page.rows()] == ["A", "B"]
    assert parse_cursor({"cursor": msgspec.json.decode(page.body({}))["cursor"]}, HistoryCursor) == HistoryCursor(
        "B", 0, 9
    )


def test_open_rows_come_without_the_flat_ones_between_them() -> None:
    """On one page, whatever else the user had."""
    rows = [row_in("A"), row_in("B")._replace(position=5), row_in("C"), row_in("D")._replace(position=-5), row_in("E")]
    answer = page_of(HistoryQuery(None, Moment(9), limit=2, open=True), *rows)

    assert (names(answer), answer.cursor) == ([("B", 0), ("D", 0)], "")


def test_rows_are_open_as_of_the_moment() -> None:
    """Not as they are now: one closed since is there, one opened since is not."""
    closed, opened = row_in("A")._replace(sequence=5), row_in("C")._replace(sequence=6, position=1)
    page = HistoryPage("alice", HistoryQuery(None, Moment(4), open=True), undeclared_market)
    page.take([closed, row_in("D"), opened])
    past = {closed.key: closed._replace(position=3, sequence=2), opened.key: opened._replace(position=0, sequence=3)}
    answer = msgspec.json.decode(page.body(past), type=HistoryAnswer)

    assert [(row.market_ticker, row.position_fp) for row in answer.market_positions] == [("A", "0.03")]


def test_row_that_was_not_there_yet_is_left_out() -> None:
    """The page may be empty and yet go on."""
    page = HistoryPage("alice", HistoryQuery(None, Moment(0), limit=1), undeclared_market)
    page.take([row_in("A"), row_in("B")])
    answer = msgspec.json.decode(page.body({}), type=HistoryAnswer)

    assert (answer.market_positions, answer.cursor != "") == ([], True)
