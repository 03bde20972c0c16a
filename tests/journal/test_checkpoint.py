"""What a checkpoint gives back, and what its indexes find."""

from openpositions.core.identity import trade_key_range
from openpositions.core.market import Market
from openpositions.journal.base import CheckpointStore
from tests.events import bought_yes
from tests.journal.stored import NOTHING, checkpoint, key_of, row


async def test_new_store_holds_no_checkpoint(checkpoints: CheckpointStore) -> None:
    """Without a checkpoint there are no rows, nothing is found, and the journal is to be read from its start."""
    assert checkpoints.through == 0
    assert list(checkpoints.load_rows()) == []
    assert checkpoints.load_rest() == NOTHING
    assert await checkpoints.find([1], [(0, 2**63 - 1)]) == []


async def test_rows_are_loaded_in_order_of_their_sequence(checkpoints: CheckpointStore) -> None:
    """Rows come back as they were, the longest unchanged one first."""
    rows = [row("bob", 9), row("alice", 3), row("carol", 7, ticker="SNOW")]

    await checkpoints.save(checkpoint(9, rows=rows))

    assert checkpoints.through == 9
    assert list(checkpoints.load_rows()) == [row("alice", 3), row("carol", 7, ticker="SNOW"), row("bob", 9)]


async def test_saved_row_replaces_the_one_before(checkpoints: CheckpointStore) -> None:
    """A row is kept for a user, a subaccount and a market; others stay as they are."""
    await checkpoints.save(checkpoint(3, rows=[row("alice", 1), row("alice", 2, subaccount=1), row("bob", 3)]))

    await checkpoints.save(checkpoint(8, rows=[row("alice", 8, position=5)]))

    assert list(checkpoints.load_rows()) == [
        row("alice", 2, subaccount=1),
        row("bob", 3),
        row("alice", 8, position=5),
    ]


async def test_names_that_differ_after_a_nul_are_different_users(checkpoints: CheckpointStore) -> None:
    """No character of a name ends it."""
    rows = [row("a\0b", 1), row("a\0c", 2)]

    await checkpoints.save(checkpoint(2, rows=rows))

    assert list(checkpoints.load_rows()) == rows


async def test_row_given_twice_is_saved_as_it_was_given_last(checkpoints: CheckpointStore) -> None:
    """The later of two rows with one key counts, and the store is sound."""
    await checkpoints.save(checkpoint(2, rows=[row("alice", 1), row("alice", 2)]))

    assert list(checkpoints.load_rows()) == [row("alice", 2)]


async def test_more_rows_than_one_statement_takes_are_saved(checkpoints: CheckpointStore) -> None:
    """A save is not limited by how it is cut into statements."""
    rows = [row(f"user-{number}", number) for number in range(1, 5_001)]

    await checkpoints.save(checkpoint(5_000, rows=rows))

    assert list(checkpoints.load_rows()) == rows


async def test_markets_accounts_and_busts_come_back(checkpoints: CheckpointStore) -> None:
    """What belongs to no row is loaded apart from the rows, each kind with its last values."""
    open_market, settled_market = Market("RAIN", "WEATHER", "Rain?"), Market("SNOW", "SNOW", "", "yes", 10_000, 1, 2, 3)
    await checkpoints.save(checkpoint(4, markets=[open_market], accounts={("alice", 0): 5, ("bob", 1): -6}))

    await checkpoints.save(checkpoint(6, markets=[settled_market], accounts={("alice", 0): 7}, busted={2: 5}))

    assert checkpoints.load_rest() == checkpoint(
        6, rows=[], markets=[open_market, settled_market], accounts={("alice", 0): 7, ("bob", 1): -6}, busted={2: 5}
    )._replace(identities=[], entries=[])


async def test_identities_are_found_by_key(checkpoints: CheckpointStore) -> None:
    """Each key leads to the entries that have it, in ascending order; an unknown key leads nowhere."""
    await checkpoints.save(checkpoint(3, identities=[(2**63 - 1, 3), (50, 2)]))
    await checkpoints.save(checkpoint(5, identities=[(0, 4), (70, 5)]))

    assert await checkpoints.find([2**63 - 1, 0, 60, 50], []) == [2, 3, 4]


async def test_two_identities_with_one_key_are_both_found(checkpoints: CheckpointStore) -> None:
    """A key is a hash: whatever has it is given, and the caller compares."""
    await checkpoints.save(checkpoint(3, identities=[(50, 2), (50, 3)]))

    assert await checkpoints.find([50], []) == [2, 3]


async def test_fills_of_a_trade_are_found_by_its_range(checkpoints: CheckpointStore) -> None:
    """All fills of a trade are in one range of keys, whoever they belong to, and those of other trades are not."""
    fills = [bought_yes("t1"), bought_yes("t1", user="bob"), bought_yes("t2")]
    await checkpoints.save(checkpoint(3, identities=[(key_of(fill), place) for place, fill in enumerate(fills, 1)]))

    assert await checkpoints.find([], [trade_key_range("t1")]) == [1, 2]


async def test_both_ends_of_a_range_belong_to_it(checkpoints: CheckpointStore) -> None:
    """A range is given by its first and its last key."""
    await checkpoints.save(checkpoint(4, identities=[(9, 1), (10, 2), (20, 3), (21, 4)]))

    assert await checkpoints.find([], [(10, 20)]) == [2, 3]


async def test_entry_found_twice_is_given_once(checkpoints: CheckpointStore) -> None:
    """A key within a range leads to its entry once."""
    await checkpoints.save(checkpoint(2, identities=[(10, 2)]))

    assert await checkpoints.find([10], [(5, 15), (10, 10)]) == [2]
