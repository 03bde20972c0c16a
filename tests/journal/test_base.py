"""What every journal promises (journal/base.py). A further backend is to pass the same tests."""

import pytest

from openpositions.core.events import Bust, Entry
from openpositions.errors import JournalCorrupt
from openpositions.journal.base import Journal
from tests.events import adjusted, bought_no, bought_yes, busted, declared, determined, marked, paid_in, settled
from tests.journal.stored import entries_from, fills_from, row


def scanned(journal: Journal, after: int = 0) -> list[Entry]:
    """All that a scan gives."""
    return [entry for some in journal.scan(after) for entry in some]


def test_new_journal_is_empty(journal: Journal) -> None:
    """A new journal has no entries, and its head is 0."""
    assert journal.head == 0
    assert scanned(journal) == []


async def test_head_is_the_last_appended_entry(journal: Journal) -> None:
    """The head follows each append."""
    await journal.append(fills_from(1, 2))
    await journal.append(fills_from(3, 1))

    assert journal.head == 3


async def test_appended_entries_are_scanned_in_order(journal: Journal) -> None:
    """Entries of several commits come back as they were, in order."""
    await journal.append(fills_from(1, 2))
    await journal.append(fills_from(3, 5))

    assert scanned(journal) == fills_from(1, 7)


async def test_every_kind_of_event_comes_back_as_it_was(journal: Journal) -> None:
    """No field of any event is lost or changed."""
    entries = entries_from(
        1,
        declared("WEATHER", "Will it rain?"),
        bought_yes("t1", fee=None),
        bought_no("t1", user="bob", fee=-5),
        adjusted("a1", position=-3, cost=-4, cash=2**62),
        marked(None),
        determined("scalar", 4200),
        Bust("b1", "t1", None, None, 7, fills=(2, 3), rows=(row("alice", 7), row("bob", 7))),
        busted("b2", "t2", user="alice", subaccount=3),
        paid_in("c1", -(2**62)),
        settled("void"),
    )

    await journal.append(entries)

    assert scanned(journal) == entries


async def test_any_text_comes_back_as_it_was(journal: Journal) -> None:
    """A NUL, a line feed, quotes and characters beyond the first plane are kept, in one commit with others."""
    odd = "a\0b\n\"'\\,[]{}\x7f\u20ac\U0001f600"
    entries = entries_from(1, declared(odd, odd, ticker=odd), declared("after", "it"))

    await journal.append(entries)

    assert scanned(journal) == entries
    assert await journal.read([1, 2]) == entries


async def test_scan_begins_after_any_sequence(journal: Journal) -> None:
    """A scan begins in the middle of a commit as well as between two."""
    await journal.append(fills_from(1, 3))
    await journal.append(fills_from(4, 3))

    assert scanned(journal, after=2) == fills_from(3, 4)
    assert scanned(journal, after=3) == fills_from(4, 3)
    assert scanned(journal, after=6) == []


async def test_scan_of_a_large_commit_is_in_bounded_lists(journal: Journal) -> None:
    """A commit of 10,000 entries is given in order, in lists of at most 1,024."""
    await journal.append(fills_from(1, 10_000))

    lists = list(journal.scan(1))

    assert [len(some) for some in lists] == [1024] * 9 + [783]
    assert [entry for some in lists for entry in some] == fills_from(2, 9_999)


async def test_read_gives_the_wanted_entries_in_ascending_order(journal: Journal) -> None:
    """Entries are read by sequence from any commit; one that is wanted twice is given once."""
    await journal.append(fills_from(1, 3))
    await journal.append(fills_from(4, 3))

    assert await journal.read([5, 1, 3, 5]) == [*fills_from(1, 1), *fills_from(3, 1), *fills_from(5, 1)]


async def test_read_of_nothing_is_nothing(journal: Journal) -> None:
    """Reading no sequence gives no entry."""
    assert await journal.read([]) == []


async def test_read_of_an_entry_that_is_not_there_is_an_error(journal: Journal) -> None:
    """An index that leads to no entry is not passed over."""
    await journal.append(fills_from(1, 2))

    with pytest.raises(JournalCorrupt, match="has no entry 3;"):
        await journal.read([2, 3])


async def test_empty_append_changes_nothing(journal: Journal) -> None:
    """A commit of no entries leaves the journal as it was."""
    await journal.append([])

    assert journal.head == 0


@pytest.mark.parametrize(
    "entries",
    [fills_from(2, 1), fills_from(4, 1), [*fills_from(3, 1), *fills_from(5, 1)]],
    ids=["again", "gap", "gap inside"],
)
async def test_entries_that_do_not_follow_the_head_are_refused(journal: Journal, entries: list[Entry]) -> None:
    """Sequences have no gap and no repeat: such an append is a mistake of the caller, and stores nothing."""
    await journal.append(fills_from(1, 2))

    with pytest.raises(ValueError, match="do not follow the head of the journal, 2"):
        await journal.append(entries)

    assert scanned(journal) == fills_from(1, 2)


async def test_journal_goes_on_after_a_refused_append(journal: Journal) -> None:
    """A caller's mistake is no failure of the disk: the next append is taken."""
    with pytest.raises(ValueError, match="do not follow"):
        await journal.append(fills_from(2, 1))

    await journal.append(fills_from(1, 1))

    assert journal.head == 1
