"""Bodies of the read of the balance (protocol, 4)."""

import msgspec

from openpositions.wire.rest.balance import BalanceSheet
from tests.events import bought_no, bought_yes, marked
from tests.journaled_book import JournaledBook, book_after


def balance(journaled: JournaledBook, subaccount: int | None = None, *, cash: int = 0) -> bytes:
    """The body of alice's balance, its rows taken one by one. `cash` is what no row explains."""
    sheet = BalanceSheet(subaccount, cash, journaled.book.market)
    for row in journaled.book.rows_of("alice"):
        sheet.take([row])
    return sheet.body(now_ms=1_783_302_928_999)


def test_body_of_a_balance() -> None:
    """The venue's own example: 1,000 dollars, 1 NO bought at 0.52 for a fee of 0.0175, marked at 0.48."""
    journaled = book_after(bought_no("t1", 1_00, 5200, fee=17500), marked(4800))

    assert balance(journaled, cash=1000_000000) == (
        b'{"balance":99946,"balance_breakdown":[{"balance":"999.4625","exchange_index":0}],'
        b'"balance_dollars":"999.4625","portfolio_value":52,"unmarked_markets":[],"updated_ts":1783302928}'
    )


def test_position_without_a_mark_is_valued_at_cost_and_named() -> None:
    """So a client knows how much of the value is a guess."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, ticker="MARKED"),
        marked(7000, ticker="MARKED"),
        bought_yes("t2", 10_00, 3000, ticker="UNKNOWN-B"),
        bought_yes("t3", 10_00, 2000, ticker="UNKNOWN-A", subaccount=1),
    )

    answer = msgspec.json.decode(balance(journaled))

    assert (answer["portfolio_value"], answer["unmarked_markets"]) == (1200, ["UNKNOWN-A", "UNKNOWN-B"])


def test_balance_without_cash_events_goes_negative() -> None:
    """In cents it is dropped toward zero; in dollars it is exact, with 6 decimals where 4 are not enough."""
    journaled = book_after(bought_yes("t1", 1, 4_005))

    answer = msgspec.json.decode(balance(journaled))

    assert (answer["balance"], answer["balance_dollars"]) == (0, "-0.004005")


def test_balance_of_one_subaccount() -> None:
    """Rows of the others count neither in cash nor in value."""
    journaled = book_after(
        bought_yes("t1", 10_00, 4000, subaccount=0),
        bought_yes("t2", 1_00, 4000, subaccount=1),
    )

    answer = msgspec.json.decode(balance(journaled, subaccount=1, cash=5_000000))

    assert (answer["balance"], answer["portfolio_value"]) == (460, 40)
