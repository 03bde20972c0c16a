"""A book made again from its journal, or from a checkpoint (accounting, "What must always hold", 4)."""

import pytest

from openpositions.core.book import Book
from openpositions.core.events import Entry
from openpositions.errors import JournalCorrupt
from tests.events import adjusted, bought_no, bought_yes, busted, declared, determined, marked, paid_in, settled
from tests.journaled_book import JournaledBook, book_after, encoded


@pytest.fixture
def long_lived() -> JournaledBook:
    """A book that took every kind of event."""
    return book_after(
        paid_in("c1", 250_000000),
        declared("WEATHER", "Rain tomorrow?"),
        bought_yes("t1", 10_00, 4000, fee=170_000),
        bought_no("t1", 10_00, 6000, user="bob", subaccount=2),
        bought_no("t2", 15_00, 3500, fee=90_000),
        adjusted("a1", position=-1_00, cost=400_000, cash=3),
        marked(6000, ts_ms=1),
        bought_yes("t3", ticker="SNOW"),
        busted("b1", "t2"),
        marked(6100, ts_ms=2),
        determined("scalar", 2500),
        settled("as determined", ts_ms=9),
        bought_yes("late"),
        busted("b2", "late", ts_ms=10),
    )


@pytest.mark.parametrize("pieces", [1, 2, 3, 14])
def test_replay_of_the_journal_gives_the_live_book(long_lived: JournaledBook, pieces: int) -> None:
    """Byte for byte, in however many pieces."""
    assert encoded(long_lived.replayed(pieces=pieces)) == encoded(long_lived.book)


def test_book_goes_on_from_a_checkpoint(long_lived: JournaledBook) -> None:
    """Loaded from the parts of a book, with its rows in order of their sequence, it is the same book."""
    live = long_lived.book
    loaded = Book()

    loaded.load(
        live.sequence,
        rows=sorted(live.rows(), key=lambda row: row.sequence),
        markets=live.markets.values(),
        accounts=live.accounts(),
        busted=live.busted,
    )

    assert encoded(loaded) == encoded(live)


def test_marks_of_one_moment_that_end_where_they_began_are_replayed() -> None:
    """Two marks with the recorded time in one commit, the last at the recorded price: the journal can be read again."""
    journaled = book_after(marked(5000, ts_ms=7))

    journaled.feed(marked(5100, ts_ms=7), marked(5000, ts_ms=7), bought_yes("t1"))

    assert encoded(journaled.replayed()) == encoded(journaled.book)


@pytest.mark.parametrize(
    "entry",
    [Entry(3, settled("no")), Entry(3, adjusted("a1", cost=1)), Entry(3, settled("yes"))],
    ids=["another settlement", "a forbidden adjustment", "a second settlement"],
)
def test_entry_that_could_not_have_been_accepted_is_a_corrupt_journal(entry: Entry) -> None:
    """The error names its sequence; the book is left as it was."""
    book = Book()
    book.replay([Entry(1, bought_yes("t1")), Entry(2, settled("yes"))])
    before = encoded(book)

    with pytest.raises(JournalCorrupt, match="entry 3 contradicts the entries before it"):
        book.replay([entry])

    assert encoded(book) == before
