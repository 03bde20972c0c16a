"""A follower over random histories: whatever happens to its connections, once quiet it knows what the book says."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from openpositions.client.news import CaughtUp, Interrupted
from openpositions.client.rows import PositionRow
from openpositions.core.money import format_count, format_dollars
from tests.client.pair import Pair
from tests.events import bought_no, bought_yes, settled
from tests.journaled_book import JournaledBook

MARKETS = [f"M{number}" for number in range(6)]
STEPS = 60


class Life:
    """What happens to one follower, by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.pair = Pair()
        self.trades = 0
        self.histories = 1
        self.pair.connect()

    def live(self) -> None:
        """One thing happens."""
        step = self.random.choices(
            [self.trade, self.settle, self.read, self.read_some, self.lose, self.cut, self.restore],
            weights=[40, 4, 20, 15, 5, 12, 1],
        )[0]
        try:
            step()
        except Interrupted:
            self.pair.connect()

    def trade(self) -> None:
        """A fill, of either side."""
        self.trades += 1
        buy = self.random.choice([bought_yes, bought_no])
        count = self.random.randrange(1, 2000)
        market = self.random.choice(MARKETS)
        subaccount = self.random.choice([0, 0, 1])
        self.pair.feed(buy(f"t{self.trades}", count, ticker=market, subaccount=subaccount, fee=100))

    def settle(self) -> None:
        """The end of a market; fills may still come."""
        self.pair.feed(settled("yes", ticker=self.random.choice(MARKETS)))

    def read(self) -> None:
        """Everything arrives."""
        self.pair.deliver()

    def read_some(self) -> None:
        """Some of it arrives."""
        self.pair.deliver(self.random.randrange(4))

    def lose(self) -> None:
        """A frame is lost on the way, against every rule."""
        self.pair.deliver(lost={self.random.randrange(4)})

    def cut(self) -> None:
        """The connection goes, with all that is on it; more happens before the next."""
        for _ in range(self.random.randrange(4)):
            self.trade()
        self.pair.connect()

    def restore(self) -> None:
        """A backup is restored: another history, with less in it."""
        entries = self.pair.book.entries
        self.pair.book = JournaledBook()
        self.pair.book.feed(*(event for _, event in entries[: self.random.randrange(len(entries) + 1)]))
        self.histories += 1
        self.pair.epoch = f"e{self.histories}"
        self.pair.connect()


@pytest.mark.parametrize("seed", range(150))
def test_once_quiet_the_follower_knows_what_the_book_says(seed: int) -> None:
    """Every open row exactly; every other row it ever told is flat or told anew, and the last telling is right."""
    life = Life(seed)
    for _ in range(STEPS):
        life.live()
    news = life.pair.settle_down()
    assert isinstance(news[-1], CaughtUp)
    book = {
        (row.market_ticker, row.subaccount): (
            Decimal(format_count(row.position)),
            Decimal(format_dollars(row.cost)),
            Decimal(format_dollars(row.realized_pnl)),
            Decimal(format_dollars(row.fees_paid)),
        )
        for row in life.pair.book.book.rows_of("alice")
    }
    last_told = {one.key: one for one in life.pair.news if isinstance(one, PositionRow)}
    nothing = (0, 0, 0, 0)
    assert {key: amounts(row) for key, row in last_told.items()} == {key: book.get(key, nothing) for key in last_told}
    assert {key for key, row in book.items() if row[0]} <= last_told.keys()


def amounts(row: PositionRow) -> tuple[Decimal, Decimal, Decimal | None, Decimal | None]:
    """What a row says."""
    return row.position, row.cost, row.realized_pnl, row.fees_paid
