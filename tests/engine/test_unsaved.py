"""What came after the last checkpoint: how it is found, and what the next one stores."""

from openpositions.core.book import Batch, Book
from openpositions.core.draft import Draft
from openpositions.core.events import Entry, Event
from openpositions.core.identity import text_key, trade_key_range
from openpositions.engine.unsaved import Unsaved
from openpositions.journal.base import IndexedEntry, IndexedMark
from tests.events import adjusted, bought_yes, marked, paid_in
from tests.journal.stored import key_of

ALICE, RAIN, SUN = text_key("alice"), text_key("RAIN"), text_key("SUN")


def absorb(unsaved: Unsaved, book: Book, *events: Event) -> None:
    """Takes events in a commit of their own."""
    draft, _ = book.decide([Batch(events)])
    book.install(draft)
    unsaved.absorb(draft)


def identified(key: int, *sequences: int) -> Draft:
    """A commit of entries that all have one key: a hash says little."""
    draft = Draft(Book())
    for sequence in sequences:
        draft.identify(key, Entry(sequence, paid_in(f"c{sequence}", 1)))
    draft.sequence = sequences[-1]
    return draft


def test_entries_of_a_user_are_given_in_both_directions() -> None:
    """From a sequence on, or back from one; of others none."""
    unsaved, book = Unsaved(0), Book()
    absorb(unsaved, book, bought_yes("t1"), bought_yes("t1", user="bob"), adjusted("a1", fees=1), bought_yes("t2"))

    assert [entry.sequence for entry in unsaved.entries_in("alice", 1, 3)] == [3]
    assert [entry.sequence for entry in unsaved.entries_in("alice", 0, 99)] == [1, 3, 4]
    assert [entry.sequence for entry in unsaved.entries_in("alice", 0, 3, newest_first=True)] == [3, 1]
    assert list(unsaved.entries_in("carol", 0, 99)) == []


def test_trade_is_found_whenever_its_fills_came() -> None:
    """Also when they came after the keys were put in order for the first time."""
    unsaved, book = Unsaved(0), Book()
    absorb(unsaved, book, bought_yes("t1"), bought_yes("t2"))
    before = list(unsaved.with_key_in([trade_key_range("t1")]))
    absorb(unsaved, book, bought_yes("t1", user="bob"), bought_yes("t3"))

    assert before == [1]
    assert sorted(unsaved.with_key_in([trade_key_range("t1")])) == [1, 3]
    assert list(unsaved.with_keys({key_of(bought_yes("t3")), 5})) == [4]


def test_entries_with_one_key_are_all_found() -> None:
    """Of one commit, and of two; and all are stored."""
    unsaved = Unsaved(0)
    unsaved.absorb(identified(5, 1, 2))
    unsaved.absorb(identified(5, 3))

    assert sorted(unsaved.with_keys({5})) == [1, 2, 3]
    assert sorted(unsaved.with_key_in([(5, 9)])) == [1, 2, 3]
    assert list(unsaved.with_key_in([(6, 9)])) == []
    assert sorted(unsaved.checkpoint().identities) == [(5, 1), (5, 2), (5, 3)]


def test_checkpoint_has_the_latest_rows_and_every_line_of_the_indexes() -> None:
    """A row that changed twice is stored once."""
    unsaved, book = Unsaved(0), Book()
    absorb(unsaved, book, bought_yes("t1"), adjusted("a1", fees=1, subaccount=2))
    absorb(unsaved, book, bought_yes("t2"), marked(6000, ticker="SUN", ts_ms=8), paid_in("c1", 7))

    stored = unsaved.checkpoint()
    assert (stored.through, unsaved.entry_count) == (5, 5)
    assert sorted((row.key, row.sequence) for row in stored.rows) == [
        (("alice", 0, "RAIN"), 3),
        (("alice", 2, "RAIN"), 2),
    ]
    assert [(market.market_ticker, market.mark_bp) for market in stored.markets] == [("SUN", 6000)]
    assert stored.accounts == {("alice", 0): 7, ("alice", 2): 1}
    assert stored.entries == [
        IndexedEntry(ALICE, 1, RAIN, 0, True),  # noqa: FBT003 - a field of the line
        IndexedEntry(ALICE, 2, RAIN, 2, False),  # noqa: FBT003 - as above
        IndexedEntry(ALICE, 3, RAIN, 0, True),  # noqa: FBT003 - as above
    ]
    assert stored.marks == [IndexedMark(SUN, 8, 4)]
