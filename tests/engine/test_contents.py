"""Where two books differ, in sentences."""

from openpositions.engine.contents import contents_of, differences_of
from tests.events import bought_no, bought_yes, busted, declared, paid_in
from tests.journaled_book import book_after

EVENTS = (bought_yes("t1"), paid_in("c1", 5), declared("WEATHER"), bought_yes("t2"), busted("b1", "t2"))


def test_equal_books_differ_in_nothing() -> None:
    """Whatever they hold."""
    assert list(differences_of(contents_of(book_after(*EVENTS).book), contents_of(book_after(*EVENTS).book))) == []


def test_contents_stay_what_they_were() -> None:
    """What the book takes in later is not in them."""
    journaled = book_after(*EVENTS)
    before = contents_of(journaled.book)
    journaled.feed(bought_no("t3", ticker="SUN"), paid_in("c2", 7))

    assert list(differences_of(before, contents_of(book_after(*EVENTS).book))) == []


def test_every_part_that_differs_is_named_with_both_values() -> None:
    """The fields of a row or a market one by one."""
    expected = contents_of(book_after(*EVENTS).book)
    row, market = expected.positions["alice", 0, "RAIN"], expected.markets["RAIN"]
    found = expected._replace(
        sequence=4,
        positions={row.key: row._replace(cost=1, fees_paid=2), ("bob", 0, "RAIN"): row},
        markets={"RAIN": market._replace(title="Rain?")},
        accounts={},
        busted_fills={4: 9},
    )

    assert list(differences_of(found, expected)) == [
        "it includes entry 4, not 5",
        "position alice 0 RAIN: cost is 1, the journal makes it 4000000; fees_paid is 2, the journal makes it 0",
        "position bob 0 RAIN: is nowhere in the journal",
        "market RAIN: title is 'Rain?', the journal makes it ''",
        "account alice 0: is missing",
        "busted fill 4: is 9, the journal makes it 5",
    ]
