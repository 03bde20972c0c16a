"""What a resume costs: the rows that changed, whoever else has how many others (protocol, 5.3)."""

from typing import ClassVar

import pytest

from openpositions.core.position import Position
from tests.conversation import EPOCH, Conversation, command
from tests.events import bought_yes
from tests.journaled_book import JournaledBook, book_after

ROWS = 2_000
STRANGERS = 20


class LookedAt(Position):
    """A row that counts how often its sequence is asked for: without that nobody knows whether it changed."""

    __slots__ = ()
    looks: ClassVar[int] = 0

    @property
    def sequence(self) -> int:
        """The row's own."""
        LookedAt.looks += 1
        return self[13]


def a_book_of_many(changed: int) -> JournaledBook:
    """Alice has 2,000 rows; then 20 others change 100 each; then so many of alice's change, oldest first."""
    (row,) = book_after(bought_yes("t1")).book.rows_of("alice")
    journaled = JournaledBook()
    own = [row._replace(market_ticker=f"M{number}", sequence=1 + number) for number in range(ROWS)]
    strange = [
        row._replace(user_id=f"user{number % STRANGERS}", market_ticker=f"M{number}", sequence=1 + ROWS + number)
        for number in range(100 * STRANGERS)
    ]
    head = own[-1].sequence + len(strange)
    own = [*own[changed:], *(one._replace(sequence=head + 1 + place) for place, one in enumerate(own[:changed]))]
    rows = [LookedAt(*one) for one in sorted([*own, *strange], key=lambda one: one.sequence)]
    journaled.book.load(head + changed, rows=rows, markets=[], accounts={}, busted={})
    return journaled


@pytest.mark.parametrize("changed", [0, 1, 50])
def test_resume_looks_at_the_rows_that_changed_and_one_more(changed: int) -> None:
    """The one before them says that there are no others."""
    conversation = Conversation(a_book_of_many(changed))
    head = ROWS + 100 * STRANGERS + changed
    since = head - max(0, changed - 1)
    message = command("subscribe", channels=["market_positions"], resume={"epoch": EPOCH, "sequence": since})
    LookedAt.looks = 0

    frames = conversation.send(message)

    assert len(frames) == 1 + changed + 1
    assert LookedAt.looks == changed + 1
